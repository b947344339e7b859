//! Those with whom the Région works: conventions with partner networks (R16), agreements with branches (R17), and the
//! committees of the territories (R25).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::establishment::{self, Sort};
use super::region::Region;
use super::settings::Settings;
use super::workdays;
use chrono::{Days, Months, NaiveDate};
use parcours_model::codes::Siret;
use parcours_model::geography::TerritoryLevel;
use parcours_model::streams::convention::Role;
use parcours_model::streams::{branch, committee, convention};
use parcours_model::{StreamId, StreamKind, TerritoryCode, calendar};
use std::sync::Arc;
use uuid::Uuid;

/// Somebody who orients people, or follows them.
pub(super) struct Partner {
    pub siret: Siret,
    pub source: Arc<str>,
    /// The convention in force, for those with one.
    pub convention: Option<Uuid>,
}

const NETWORKS: [&str; 6] = [
    "Mission locale",
    "Cap emploi",
    "Centre d'information et d'orientation",
    "Plan local pour l'insertion et l'emploi",
    "Espace emploi",
    "Maison de l'emploi",
];

/// A branch, the activity it speaks for, and the trades of its agreement.
const BRANCHES: [(&str, &str, [&str; 2]); 4] = [
    ("Métallurgie", "25.62B", ["H2913", "H2903"]),
    ("Propreté", "81.21Z", ["K2204", "K2203"]),
    ("Hôtels, cafés, restaurants", "56.10A", ["G1602", "G1803"]),
    ("Aide à domicile", "88.10A", ["K1304", "K1302"]),
];

const DECISIONS: [&str; 6] = [
    "Ouvrir une permanence d'information dans chaque intercommunalité",
    "Relancer les entreprises qui ont accueilli en immersion",
    "Proposer un transport aux stagiaires sans véhicule",
    "Inviter les centres d'information et d'orientation au prochain comité",
    "Étudier une session supplémentaire à la rentrée",
    "Partager chaque trimestre les places disponibles",
];

/// Between two meetings of a committee.
const SEASON: u64 = 150;

struct Plan<'a> {
    settings: &'a Settings,
    authority: &'a Arc<str>,
    dice: Dice,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn stream(&mut self, kind: StreamKind) -> StreamId {
        let uuid = self.dice.uuid(calendar::midnight(self.settings.from));
        StreamId::new(kind, uuid)
    }

    /// The Région tells it on that day, if that is within the time that is simulated.
    fn tell(&mut self, day: NaiveDate, stream: StreamId, fact: impl Into<parcours_model::Fact>) {
        if day < self.settings.until {
            self.steps
                .push(Step::on(&mut self.dice, day, stream, self.authority, fact));
        }
    }
}

/// Plans what is agreed with all of them; answers the partners.
pub(super) fn agree(
    settings: &Settings,
    region: &Region,
    authority: &Arc<str>,
    dice: Dice,
    agenda: &mut Agenda,
) -> Vec<Partner> {
    let mut plan = Plan {
        settings,
        authority,
        dice,
        steps: Vec::new(),
    };
    let departements = region.departements();
    let partners = (0..48)
        .map(|number| partner(&mut plan, &departements, number))
        .collect();
    branches(&mut plan);
    departements
        .iter()
        .for_each(|departement| committee(&mut plan, departement));
    agenda.add(plan.steps);
    partners
}

fn territory(departement: &str) -> TerritoryCode {
    let written = format!("{}/{departement}", TerritoryLevel::Departement);
    written.parse().expect("the departements of a région are current")
}

fn partner(plan: &mut Plan<'_>, departements: &[&str], number: u32) -> Partner {
    let siret = establishment::siret(Sort::Partner, number);
    let from = plan.settings.from;
    let signs = number.is_multiple_of(2);
    let convention = signs.then(|| plan.stream(StreamKind::Convention));
    if let Some(stream) = convention {
        let network = NETWORKS[number as usize / 2 % NETWORKS.len()];
        let departement = departements[number as usize % departements.len()];
        let signed = convention::Signed {
            partner: siret,
            name: format!("{network} n° {}", number / 2 + 1),
            roles: match number % 3 {
                0 => vec![Role::Inform, Role::Orient, Role::Accompany, Role::Evaluate],
                1 => vec![Role::Orient, Role::Accompany],
                _ => vec![Role::Inform, Role::Orient, Role::Accompany, Role::Govern],
            },
            territory: territory(departement),
            from,
            to: plan.settings.until + Months::new(12),
        };
        plan.tell(from, stream, convention::Fact::Signed(signed));
    } else if number == 1 {
        // One that ends before its day: nobody is oriented under it.
        let stream = plan.stream(StreamKind::Convention);
        let signed = convention::Signed {
            partner: siret,
            name: NETWORKS[0].to_owned(),
            roles: vec![Role::Inform],
            territory: territory(departements[0]),
            from,
            to: from + Months::new(36),
        };
        plan.tell(from, stream, convention::Fact::Signed(signed));
        let reason = Some("Le réseau cesse son activité".to_owned());
        let ended = workdays::after(from, 90);
        plan.tell(
            ended,
            stream,
            convention::Fact::Ended(convention::Ended { reason }),
        );
    }
    Partner {
        siret,
        source: format!("urn:siret:{siret}").into(),
        convention: convention.map(|stream| stream.uuid),
    }
}

fn branches(plan: &mut Plan<'_>) {
    let from = plan.settings.from;
    for (number, (name, naf, trades)) in (0..).zip(BRANCHES) {
        let stream = plan.stream(StreamKind::Branch);
        let mut signed = branch::Signed {
            name: name.to_owned(),
            naf: naf.parse().ok().map(|naf| vec![naf]),
            rome: trades.iter().filter_map(|rome| rome.parse().ok()).collect(),
            from,
            to: from + Months::new(36),
        };
        let day = workdays::from_on(from + Days::new(2 + number));
        plan.tell(day, stream, branch::Fact::Signed(signed.clone()));
        if number == 0 {
            // Renegotiated.
            let ended = workdays::after(from, 75);
            let reason = Some("Un nouvel accord élargit les métiers".to_owned());
            plan.tell(ended, stream, branch::Fact::Ended(branch::Ended { reason }));
            let again = ended + Days::new(1);
            (signed.from, signed.to) = (again, again + Months::new(36));
            plan.tell(again, stream, branch::Fact::Signed(signed));
        }
    }
}

fn committee(plan: &mut Plan<'_>, departement: &str) {
    let stream = plan.stream(StreamKind::Committee);
    let first = plan.settings.from + Days::new(30 + plan.dice.below(30));
    let days = first.iter_days().step_by(SEASON as usize);
    let until = plan.settings.until;
    for day in days.take_while(|day| *day < until) {
        let on = workdays::from_on(day);
        let decisions = plan.dice.several(&DECISIONS, 2, 3);
        let partners = (0..3)
            .map(|number| establishment::siret(Sort::Partner, number))
            .collect();
        let met = committee::Met {
            territory: territory(departement),
            on,
            partners,
            decisions: decisions.into_iter().map(str::to_owned).collect(),
        };
        plan.tell(on, stream, committee::Fact::Met(met));
        let due = committee::DecisionDue {
            on,
            number: 1,
            by_date: on + Days::new(60),
        };
        plan.tell(on + Days::new(1), stream, committee::Fact::DecisionDue(due));
        if plan.dice.chance(0.7) {
            let done = workdays::after(on, plan.dice.between(20, 75));
            let comment = Some("Fait, présenté au comité technique".to_owned());
            let told = committee::DecisionDone {
                on,
                number: 1,
                comment,
            };
            plan.tell(done, stream, committee::Fact::DecisionDone(told));
        }
    }
}
