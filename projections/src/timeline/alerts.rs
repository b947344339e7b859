//! What somebody should look at in a parcours.
//!
//! What has a day by which it is due is an alert from that day on: before, it takes its course.

use chrono::NaiveDate;
use parcours_model::streams::parcours::{Fact, Obstacle};
use parcours_model::{Effective, Fact as AnyFact, calendar};
use schemars::JsonSchema;
use serde::Serialize;

/// The bilan is systematic (R5); a month after the start it is late.
const BILAN_DAYS: u64 = 30;
/// A suspension of three months ends in a resumption or an exit.
const SUSPENSION_MONTHS: u32 = 3;
/// Every leaver is asked what became of them six months after (PROGRAMME, the success criterion).
const FOLLOWUP_MONTHS: u8 = 6;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Alert {
    /// A stable word for programs.
    #[schemars(extend("enum" = ["bilan-missing", "suspended", "obstacle-standing", "followup-missing"]))]
    pub code: &'static str,
    /// What to look at, in English.
    pub english: &'static str,
    /// What to look at, in French.
    pub french: &'static str,
    /// Since when.
    pub since: NaiveDate,
    /// By when it should have been settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// Which obstacle, for one that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
}

impl Alert {
    fn new(code: &'static str, english: &'static str, french: &'static str, since: NaiveDate) -> Self {
        Self {
            code,
            english,
            french,
            since,
            due: None,
            obstacle: None,
        }
    }
}

/// The alerts of a parcours on a day, given its facts in effective order.
pub(super) fn of(facts: &[Effective<'_>], today: NaiveDate) -> Vec<Alert> {
    let (mut started, mut bilan, mut suspended, mut exited, mut followed) = (None, false, None, None, false);
    let mut obstacles: Vec<(Obstacle, NaiveDate)> = Vec::new();
    for fact in facts {
        let AnyFact::Parcours(told) = fact.fact else {
            continue;
        };
        let day = calendar::day(fact.time);
        match told {
            Fact::Started(_) => started = Some(day),
            Fact::BilanCompleted(completed) => {
                bilan = true;
                obstacles.extend(completed.obstacles.iter().map(|obstacle| (*obstacle, day)));
            }
            Fact::ObstacleLifted(lifted) => obstacles.retain(|(obstacle, _)| *obstacle != lifted.obstacle),
            Fact::Suspended(_) => suspended = Some(day),
            Fact::Resumed(_) => suspended = None,
            Fact::Exited(exit) => exited = (!exit.reason.is_neutral()).then_some(day),
            Fact::FollowupAnswered(answer) => followed |= u8::from(answer.months) >= FOLLOWUP_MONTHS,
            _ => {}
        }
        if matches!(told, Fact::Exited(_)) {
            (started, suspended) = (None, None);
            obstacles.clear();
        }
    }
    let mut alerts = Vec::new();
    if let Some(since) = started.filter(|_| !bilan) {
        let alert = Alert::new(
            "bilan-missing",
            "No bilan has been completed yet",
            "Aucun bilan n'a encore été réalisé",
            since,
        );
        alerts.push(Alert {
            due: Some(calendar::days_later(since, BILAN_DAYS)),
            ..alert
        });
    }
    if let Some(since) = suspended {
        let alert = Alert::new(
            "suspended",
            "The parcours is interrupted",
            "Le parcours est interrompu",
            since,
        );
        alerts.push(Alert {
            due: Some(calendar::months_later(since, SUSPENSION_MONTHS)),
            ..alert
        });
    }
    alerts.extend(obstacles.into_iter().map(|(obstacle, since)| Alert {
        obstacle: Some(obstacle),
        ..Alert::new(
            "obstacle-standing",
            "An obstacle stands in the way",
            "Un obstacle périphérique demeure",
            since,
        )
    }));
    if let Some(since) = exited.filter(|_| !followed) {
        let alert = Alert::new(
            "followup-missing",
            "The follow-up at six months is not answered",
            "Le suivi à six mois est sans réponse",
            since,
        );
        alerts.push(Alert {
            due: Some(calendar::months_later(since, FOLLOWUP_MONTHS.into())),
            ..alert
        });
    }
    alerts.retain(|alert| alert.due.is_none_or(|due| due <= today));
    alerts
}
