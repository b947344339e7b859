//! How each kind of stream stands after its facts: a word, who has to do something next, and the rest.

use super::place::Place;
use chrono::NaiveDate;
use parcours_model::codes::{Cents, Naf, Rome, Siret};
use parcours_model::streams::convention::Role;
use parcours_model::streams::{branch, call, committee, convention, need, request};
use parcours_model::{Effective, Fact, TerritoryCode, calendar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How a stream stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub word: &'static str,
    /// When it began.
    pub begun: NaiveDate,
    /// Who has to do something next, and from which day on.
    pub waits: Option<(Waits, NaiveDate)>,
    pub place: Place,
    pub document: Document,
}

/// Who has to do something next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The Région.
    Region,
    /// The operators that may propose something.
    Operators,
    /// The partners of a territory.
    Partners,
}

impl Waits {
    /// Its word, as in an answer.
    pub fn word(self) -> &'static str {
        match self {
            Waits::Region => "region",
            Waits::Operators => "operators",
            Waits::Partners => "partners",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        let all = [Waits::Region, Waits::Operators, Waits::Partners];
        all.into_iter().find(|waits| waits.word() == word)
    }
}

/// What is told of a stream, by its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "RegisterDocument")]
pub enum Document {
    /// A request for a training outside the catalogue.
    Request(Request),
    /// A need of people to be trained.
    Need(Need),
    /// A convention with a partner network.
    Convention(Convention),
    /// A professional branch, and its last agreement.
    Branch(Branch),
    /// A call for proposals.
    Call(Call),
    /// A committee of a territory's partners.
    Committee(Committee),
    /// A community of trainees.
    Community(Community),
    /// The money for aids of a year.
    Envelope(Envelope),
}

/// A request for a training outside the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredRequest")]
pub struct Request {
    /// Who asks, if the person is in the programme already.
    pub trainee: Option<Uuid>,
    /// The trade aimed at.
    pub rome: Rome,
    /// Why the catalogue does not do.
    pub why: String,
    /// How often it was examined.
    pub examined: u32,
    /// The training made to measure.
    pub offer: Option<Uuid>,
    /// How much the Région pays, at most.
    pub funded_cents: Option<Cents>,
    /// Why it was refused, or withdrawn.
    pub reason: Option<String>,
}

/// A need of people to be trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredNeed")]
pub struct Need {
    /// The company that needs them.
    pub company: Option<Siret>,
    /// The territory that needs them.
    pub of_territory: Option<TerritoryCode>,
    /// In which trade.
    pub rome: Rome,
    /// How many.
    pub people: u32,
    /// By when.
    pub by_date: NaiveDate,
    /// Who helps.
    pub accompanied_by: Vec<Siret>,
    /// The session that trains them.
    pub session: Option<Uuid>,
    /// Why it was dropped.
    pub reason: Option<String>,
}

/// A convention with a partner network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredConvention")]
pub struct Convention {
    /// With whom.
    pub partner: Siret,
    /// The partner's name.
    pub name: String,
    /// What the partner does.
    pub roles: Vec<Role>,
    /// Where.
    pub territory: TerritoryCode,
    /// First day.
    pub from: NaiveDate,
    /// Last day, as signed.
    pub to: NaiveDate,
    /// The day it ended, if it was before.
    pub ended: Option<NaiveDate>,
}

/// A professional branch, and its last agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredBranch")]
pub struct Branch {
    /// The branch's name.
    pub name: String,
    /// The activities it speaks for.
    pub naf: Vec<Naf>,
    /// The trades its agreement is about.
    pub trades: Vec<Rome>,
    /// First day.
    pub from: NaiveDate,
    /// Last day, as signed.
    pub to: NaiveDate,
    /// The day it ended, if it was before.
    pub ended: Option<NaiveDate>,
}

/// A call for proposals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredCall")]
pub struct Call {
    /// What it is for.
    pub title: String,
    /// Where.
    pub territory: TerritoryCode,
    /// Last day on which proposals are taken.
    pub proposals_until: NaiveDate,
    /// How much there is for all of them.
    pub envelope_cents: Cents,
    /// How much is selected.
    pub selected_cents: u64,
    /// The proposals, in the order in which they were submitted.
    pub proposals: Vec<Proposal>,
}

/// A committee of a territory's partners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredCommittee")]
pub struct Committee {
    /// Of which territory.
    pub territory: TerritoryCode,
    /// When it met last.
    pub met_last: NaiveDate,
    /// How often it met.
    pub meetings: u32,
    /// What it decided, in order.
    pub decisions: Vec<Decision>,
}

/// A community of trainees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredCommunity")]
pub struct Community {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// How many are in it.
    pub members: u64,
    /// How many questions were asked.
    pub questions: u64,
    /// How many answers were given.
    pub answers: u64,
}

/// The money for aids of a year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredEnvelope")]
pub struct Envelope {
    /// What is voted; none before the first vote.
    pub voted_cents: Option<u64>,
    /// What is granted.
    pub granted_cents: i64,
    /// What is left of what is voted.
    pub left_cents: Option<i64>,
}

/// A proposal of an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredProposal")]
pub struct Proposal {
    /// Its name, where it has one.
    pub proposal: Option<Uuid>,
    /// Whose it is.
    pub operator: Siret,
    /// Its title.
    pub title: String,
    /// What it costs.
    pub cents: Cents,
    /// Whether it is selected.
    pub selected: bool,
}

/// A decision of a committee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegisteredDecision")]
pub struct Decision {
    /// The day of the meeting.
    pub on: NaiveDate,
    /// Its number there.
    pub number: u32,
    /// What was decided.
    pub decision: String,
    /// By when it is to be done.
    pub due: Option<NaiveDate>,
    /// When it was done.
    pub done: Option<NaiveDate>,
}

/// The Région looks at what it is asked within a month.
const ANSWER_DAYS: u64 = 30;
/// Before a convention or an agreement ends, the next is made.
const RENEWAL_DAYS: i64 = 90;

/// The facts of a stream of this kind, each with its day.
macro_rules! told {
    ($facts:expr, $kind:ident) => {
        $facts.iter().filter_map(|fact| match fact.fact {
            Fact::$kind(told) => Some((calendar::day(fact.time), told)),
            _ => None,
        })
    };
}

pub(super) fn request(facts: &[Effective<'_>]) -> Option<State> {
    use request::Fact as Told;
    let mut state = None;
    for (day, fact) in told!(facts, Request) {
        if let Told::Submitted(submitted) = fact {
            let document = Document::Request(Request {
                trainee: submitted.trainee,
                rome: submitted.rome,
                why: submitted.why.clone(),
                examined: 0,
                offer: None,
                funded_cents: None,
                reason: None,
            });
            state = Some(State {
                word: "submitted",
                begun: day,
                waits: Some((Waits::Region, calendar::days_later(day, ANSWER_DAYS))),
                place: Place::commune(submitted.commune, day),
                document,
            });
        }
        let Some(State {
            word,
            waits,
            document:
                Document::Request(Request {
                    examined,
                    offer,
                    funded_cents,
                    reason,
                    ..
                }),
            ..
        }) = &mut state
        else {
            continue;
        };
        match fact {
            Told::Submitted(_) => {}
            Told::Examined(_) => (*word, *examined) = ("examined", *examined + 1),
            Told::Funded(funded) => {
                (*word, *offer, *funded_cents) = ("funded", funded.offer, Some(funded.cents));
            }
            Told::Refused(refused) => (*word, *reason) = ("refused", Some(refused.reason.clone())),
            Told::Withdrawn(withdrawn) => (*word, *reason) = ("withdrawn", withdrawn.reason.clone()),
        }
        if matches!(fact, Told::Funded(_) | Told::Refused(_) | Told::Withdrawn(_)) {
            *waits = None;
        }
    }
    state
}

pub(super) fn need(facts: &[Effective<'_>]) -> Option<State> {
    use need::Fact as Told;
    let mut state = None;
    for (day, fact) in told!(facts, Need) {
        if let Told::Stated(stated) = fact {
            let document = Document::Need(Need {
                company: stated.company,
                of_territory: stated.territory,
                rome: stated.rome,
                people: stated.people,
                by_date: stated.by_date,
                accompanied_by: Vec::new(),
                session: None,
                reason: None,
            });
            state = Some(State {
                word: "stated",
                begun: day,
                waits: Some((
                    Waits::Region,
                    calendar::days_later(day, ANSWER_DAYS).min(stated.by_date),
                )),
                place: Place::commune(stated.commune, day),
                document,
            });
        }
        let Some(State {
            word,
            waits,
            document:
                Document::Need(Need {
                    by_date,
                    accompanied_by,
                    session,
                    reason,
                    ..
                }),
            ..
        }) = &mut state
        else {
            continue;
        };
        match fact {
            Told::Stated(_) => {}
            Told::Accompanied(accompanied) => {
                *word = "accompanied";
                *waits = Some((Waits::Region, *by_date));
                accompanied_by.extend(accompanied.by.filter(|by| !accompanied_by.contains(by)));
            }
            Told::Met(met) => (*word, *waits, *session) = ("met", None, Some(met.session)),
            Told::Dropped(dropped) => (*word, *waits, *reason) = ("dropped", None, dropped.reason.clone()),
        }
    }
    state
}

/// The day on which somebody should see to what comes after the last day of an agreement.
fn renewal(from: NaiveDate, to: NaiveDate) -> Option<(Waits, NaiveDate)> {
    let due = to - chrono::TimeDelta::days(RENEWAL_DAYS);
    Some((Waits::Region, due.max(from)))
}

pub(super) fn convention(facts: &[Effective<'_>]) -> Option<State> {
    let mut state = None;
    for (day, fact) in told!(facts, Convention) {
        match (fact, &mut state) {
            (convention::Fact::Signed(signed), None) => {
                state = Some(State {
                    word: "signed",
                    begun: day,
                    waits: renewal(signed.from, signed.to),
                    place: Place::territory(signed.territory, day),
                    document: Document::Convention(Convention {
                        partner: signed.partner,
                        name: signed.name.clone(),
                        roles: signed.roles.clone(),
                        territory: signed.territory,
                        from: signed.from,
                        to: signed.to,
                        ended: None,
                    }),
                });
            }
            (
                convention::Fact::Ended(_),
                Some(State {
                    word,
                    waits,
                    document: Document::Convention(Convention { ended, .. }),
                    ..
                }),
            ) => {
                (*word, *waits, *ended) = ("ended", None, Some(day));
            }
            _ => {}
        }
    }
    state
}

pub(super) fn branch(facts: &[Effective<'_>]) -> Option<State> {
    let mut state: Option<State> = None;
    for (day, fact) in told!(facts, Branch) {
        match (fact, &mut state) {
            (branch::Fact::Signed(signed), before) => {
                let begun = before.as_ref().map_or(day, |before| before.begun);
                state = Some(State {
                    word: "signed",
                    begun,
                    waits: renewal(signed.from, signed.to),
                    place: Place::default(),
                    document: Document::Branch(Branch {
                        name: signed.name.clone(),
                        naf: signed.naf.clone().unwrap_or_default(),
                        trades: signed.rome.clone(),
                        from: signed.from,
                        to: signed.to,
                        ended: None,
                    }),
                });
            }
            (
                branch::Fact::Ended(_),
                Some(State {
                    word,
                    waits,
                    document: Document::Branch(Branch { ended, .. }),
                    ..
                }),
            ) => {
                (*word, *waits, *ended) = ("ended", None, Some(day));
            }
            _ => {}
        }
    }
    state
}

pub(super) fn call(facts: &[Effective<'_>]) -> Option<State> {
    use call::Fact as Told;
    let mut state = None;
    for (day, fact) in told!(facts, Call) {
        if let (Told::Opened(opened), None) = (fact, &state) {
            state = Some(State {
                word: "open",
                begun: day,
                waits: Some((Waits::Operators, day)),
                place: Place::territory(opened.territory, day),
                document: Document::Call(Call {
                    title: opened.title.clone(),
                    territory: opened.territory,
                    proposals_until: opened.until,
                    envelope_cents: opened.envelope_cents,
                    selected_cents: 0,
                    proposals: Vec::new(),
                }),
            });
        }
        let Some(State {
            word,
            waits,
            document:
                Document::Call(Call {
                    proposals_until,
                    selected_cents,
                    proposals,
                    ..
                }),
            ..
        }) = &mut state
        else {
            continue;
        };
        match fact {
            Told::Opened(_) => {}
            Told::ProposalSubmitted(submitted) => {
                // From the day after the last, it is for the Région to select.
                *waits = Some((Waits::Region, calendar::days_later(*proposals_until, 1)));
                proposals.push(Proposal {
                    proposal: submitted.proposal,
                    operator: submitted.operator,
                    title: submitted.title.clone(),
                    cents: submitted.cents,
                    selected: false,
                });
            }
            Told::ProposalSelected(selected) => {
                let meant = |other: &&mut Proposal| match selected.proposal {
                    Some(name) => other.proposal == Some(name),
                    None => Some(other.operator) == selected.operator,
                };
                if let Some(proposal) = proposals.iter_mut().find(meant) {
                    proposal.selected = true;
                    *selected_cents += proposal.cents.get();
                }
            }
            Told::Closed(_) => (*word, *waits) = ("closed", None),
        }
    }
    state
}

pub(super) fn committee(facts: &[Effective<'_>]) -> Option<State> {
    use committee::Fact as Told;
    let (mut last, mut begun, mut meetings) = (None, None, 0);
    let mut decided: BTreeMap<(NaiveDate, u32), Decision> = BTreeMap::new();
    for (day, fact) in told!(facts, Committee) {
        match fact {
            Told::Met(met) => {
                (begun, meetings) = (begun.or(Some(day)), meetings + 1);
                if last.is_none_or(|last: &committee::Met| last.on <= met.on) {
                    last = Some(met);
                }
                let decisions = (1..).zip(&met.decisions).map(|(number, decision)| Decision {
                    on: met.on,
                    number,
                    decision: decision.clone(),
                    due: None,
                    done: None,
                });
                decided.extend(decisions.map(|decision| ((decision.on, decision.number), decision)));
            }
            Told::DecisionDue(due) => {
                let decision = decided.get_mut(&(due.on, due.number));
                decision
                    .into_iter()
                    .for_each(|decision| decision.due = Some(due.by_date));
            }
            Told::DecisionDone(done) => {
                let decision = decided.get_mut(&(done.on, done.number));
                decision
                    .into_iter()
                    .for_each(|decision| decision.done = Some(day));
            }
        }
    }
    let met = last?;
    let open = decided.values().filter(|decision| decision.done.is_none());
    let due = open.filter_map(|decision| decision.due).min();
    Some(State {
        word: if due.is_some() { "following_up" } else { "met" },
        begun: begun?,
        waits: due.map(|due| (Waits::Partners, due)),
        place: Place::territory(met.territory, met.on),
        document: Document::Committee(Committee {
            territory: met.territory,
            met_last: met.on,
            meetings,
            decisions: decided.into_values().collect(),
        }),
    })
}
