//! What a log costs as it grows: measured at its first events, a million of them, and at its end, of this build and of another in turn.
//!
//! One file a kind of reading: [`fill`] imports, [`files`] watches what that takes on disk, [`start`], [`pressed`] and
//! [`rebuild`] are measured on what was imported.

mod files;
mod fill;
mod pressed;
mod rebuild;
mod start;

use super::Section;
use super::figure::Figure;
use super::inputs::Inputs;
use super::readings::{Readings, goals};
use super::scale::Scale;
use super::sides::Sides;

/// Parts of a crowd that callers send at each stage.
pub const PARTS: usize = pressed::ROUNDS * pressed::CROWDS.len();

/// Readings of each side at one size of the log.
pub struct Stage {
    events: u64,
    sides: Vec<Readings>,
}

/// Fills the logs, and measures the sections asked for at each stage.
pub async fn measure(
    sides: &mut Sides,
    inputs: &Inputs,
    scale: &Scale,
    asked: impl Fn(Section) -> bool,
) -> anyhow::Result<Vec<Stage>> {
    let mut stages = Vec::new();
    let mut begin = 0;
    for (number, events) in scale.stages().into_iter().enumerate() {
        let mut readings: Vec<Readings> = (0..sides.count()).map(|_| Readings::default()).collect();
        fill::fill(sides, &inputs.programme, begin..events, &mut readings).await?;
        if asked(Section::Start) {
            start::measure(sides, &mut readings).await?;
        }
        if asked(Section::Callers) {
            pressed::measure(sides, &inputs.crowd, number, &mut readings).await?;
        }
        if asked(Section::Rebuild) {
            rebuild::measure(sides, &mut readings).await?;
        }
        begin = events;
        stages.push(Stage {
            events,
            sides: readings,
        });
    }
    Ok(stages)
}

/// The figures of all stages. `filled` is the speed of bare batched inserts of everything that was imported.
pub fn figures(
    mut stages: Vec<Stage>,
    sides: &Sides,
    filled: Option<f64>,
    wanted: &[Section],
) -> Vec<Figure> {
    if let Some((filled, last)) = filled.zip(stages.last_mut()) {
        last.sides[0].set_raw("import", filled);
    }
    let place = &sides.own().data.log;
    let asked_for = |name: &str| {
        let of_import = name.starts_with("import") || name.starts_with("disk");
        !of_import || wanted.contains(&Section::Import)
    };
    let mut figures = Vec::new();
    let first = stages.first().map(|stage| &stage.sides[0]);
    for (index, Stage { events, sides }) in stages.iter().enumerate() {
        let (own, other) = (&sides[0], sides.get(1));
        let goals = |name: &str| goals(place, name);
        figures.extend(own.figures(Some(*events), first.filter(|_| index > 0), other, goals));
        // The same callers' figure of the other build is of 64, whom one process of today can serve at best.
        if let (Some(many), few) = (own.value("callers-512"), own.value("callers-64")) {
            let figure = Figure::new("callers-512-to-64", many, "events/s")
                .at(*events)
                .beside(few)
                .other(other.and_then(|other| other.value("callers-64")));
            figures.push(goals("callers-512-to-64").into_iter().fold(figure, Figure::goal));
        }
    }
    figures.retain(|figure| asked_for(&figure.name));
    figures
}
