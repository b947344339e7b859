//! A LHEO catalogue into the log: each formation compared with what the log has, what is new appended.

use super::lheo::{Catalogue, Formation, Options, Tally, Unreadable, additions};
use super::report::{Refused, Report};
use parcours_log::{Append, Log, LogError};
use parcours_model::{History, StreamId};
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Formations read ahead; one of them may take 16 MiB.
const AHEAD: usize = 2;

/// Why an import of a catalogue stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file is no catalogue, or could not be read further.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// The log could not be read, or could not take more.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Imports every formation of `source`; tells `report`, and `progress` after each formation. Gives what was read, and whether it came to the end.
pub async fn import(
    log: &Log,
    source: impl Read + Send + 'static,
    options: &Options,
    actor: Arc<str>,
    report: &mut Report,
    mut progress: impl FnMut(u64),
    cancel: &CancellationToken,
) -> Result<(Tally, bool), Stopped> {
    let mut tally = Tally::default();
    let (sender, mut formations) = mpsc::channel(AHEAD);
    let as_of = options.as_of;
    tokio::task::spawn_blocking(move || match Catalogue::open(source, as_of) {
        Err(unreadable) => drop(sender.blocking_send(Err(unreadable))),
        Ok(catalogue) => {
            for formation in catalogue {
                if sender.blocking_send(formation).is_err() {
                    break;
                }
            }
        }
    });
    while let Some(formation) = formations.recv().await {
        let formation = match formation {
            Err(Unreadable::NotLheo { line, detail }) => {
                tally.refused += 1;
                report.refuse(&Refused {
                    line,
                    id: None,
                    code: "not-lheo",
                    field: None,
                    detail: format!("this is not a LHEO catalogue: {detail}"),
                });
                return Ok((tally, true));
            }
            formation => formation?,
        };
        report.read();
        let known = load(log, &formation).await?;
        let additions = additions(&formation, &|stream| known.get(&stream), options);
        tally.add(&formation, &additions);
        report.not_taken(&formation.not_taken);
        formation.remarks.iter().for_each(|note| report.remark(note));
        for note in formation.refusals.iter().chain(&additions.left) {
            let detail = note.to_string();
            report.refuse(&Refused {
                line: note.line,
                id: Some(&note.formation),
                code: "catalogue",
                field: None,
                detail,
            });
        }
        let sent: Vec<_> = additions
            .submissions
            .iter()
            .map(|submission| submission.event.key.id.clone())
            .collect();
        let appends = additions
            .submissions
            .into_iter()
            .map(|submission| Append::one(submission, actor.clone()));
        for (id, answer) in sent.into_iter().zip(log.append_each(appends.collect()).await) {
            report.answered(formation.line, &id, answer)?;
        }
        progress(tally.formations as u64);
        if cancel.is_cancelled() {
            return Ok((tally, false));
        }
    }
    Ok((tally, true))
}

async fn load(log: &Log, formation: &Formation) -> Result<HashMap<StreamId, History>, LogError> {
    let mut known = HashMap::new();
    for stream in formation.streams() {
        let entries = log.stream(stream, None).await?;
        let records = entries
            .iter()
            .map(parcours_log::Entry::record)
            .collect::<Result<Vec<_>, _>>()?;
        let history = History::replay(stream, records)
            .map_err(|wrong| LogError::Damaged(format!("{stream} contradicts itself: {wrong:?}")))?;
        known.insert(stream, history);
    }
    Ok(known)
}
