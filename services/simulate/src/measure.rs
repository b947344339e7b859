//! Made to measure: requests outside the catalogue (R18), needs of companies and territories (R19), calls for proposals (R15).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::operators::Operator;
use super::region::Region;
use super::settings::Settings;
use super::trades::{TRAININGS, Trade};
use super::workdays;
use chrono::{Datelike, Days, NaiveDate};
use parcours_model::codes::{Cents, Commune, Minutes, Siret};
use parcours_model::geography::TerritoryLevel;
use parcours_model::streams::parcours::Mode;
use parcours_model::streams::session::Entry;
use parcours_model::streams::{call, need, offer, request, session};
use parcours_model::{Fact, StreamId, StreamKind, TerritoryCode, calendar};
use std::sync::Arc;

/// One request for so many people, one need for so many.
const PEOPLE_A_REQUEST: u32 = 120;
const PEOPLE_A_NEED: u32 = 300;

const WHYS: [&str; 3] = [
    "Aucune session à moins de deux heures de transport",
    "Le métier recherché n'est pas au catalogue",
    "Une reprise d'activité exige cette habilitation",
];

/// What is planned, and with whom.
pub(super) struct Plan<'a> {
    pub settings: &'a Settings,
    pub region: &'a Region,
    pub authority: &'a Arc<str>,
    pub operators: &'a [Operator],
    pub companies: &'a [Siret],
    pub dice: Dice,
}

impl Plan<'_> {
    /// Plans all of it.
    pub fn make(mut self, agenda: &mut Agenda) {
        let mut steps = Vec::new();
        for number in 0..self.settings.trainees / PEOPLE_A_REQUEST + 4 {
            self.request(number, &mut steps);
        }
        for number in 0..self.settings.trainees / PEOPLE_A_NEED + 3 {
            self.need(number, &mut steps);
        }
        for year in self.settings.from.year()..=self.settings.until.year() {
            self.call(year, &mut steps);
        }
        let until = self.settings.until;
        agenda.add(steps.into_iter().filter(|step| calendar::day(step.known) < until));
    }

    fn stream(&mut self, kind: StreamKind) -> StreamId {
        StreamId::new(kind, self.dice.uuid(calendar::midnight(self.settings.from)))
    }

    /// A day on which something begins, early enough for its end to be seen in most cases.
    fn day(&mut self) -> NaiveDate {
        let days = (self.settings.until - self.settings.from).num_days();
        workdays::from_on(workdays::after(
            self.settings.from,
            self.dice.between(20, days - 40),
        ))
    }

    fn tell(
        &mut self,
        steps: &mut Vec<Step>,
        day: NaiveDate,
        stream: StreamId,
        sender: &Arc<str>,
        fact: impl Into<Fact>,
    ) {
        let day = workdays::from_on(day);
        steps.push(Step::on(&mut self.dice, day, stream, sender, fact));
    }

    fn request(&mut self, number: u32, steps: &mut Vec<Step>) {
        let (region, stream, day) = (
            Arc::clone(self.authority),
            self.stream(StreamKind::Request),
            self.day(),
        );
        let training = self.dice.pick(TRAININGS);
        let home = self.region.home(&mut self.dice);
        let submitted = request::Submitted {
            trainee: None,
            rome: self.dice.pick(&training.trades()).code(),
            why: (*self.dice.pick(&WHYS)).to_owned(),
            commune: self.region.commune(home).into(),
        };
        self.tell(steps, day, stream, &region, request::Fact::Submitted(submitted));
        if number % 4 == 3 {
            let reason = Some("A trouvé un emploi".to_owned());
            let withdrawn = request::Withdrawn { reason };
            return self.tell(
                steps,
                day + Days::new(9),
                stream,
                &region,
                request::Fact::Withdrawn(withdrawn),
            );
        }
        let examined = request::Examined { comment: None };
        self.tell(
            steps,
            day + Days::new(12),
            stream,
            &region,
            request::Fact::Examined(examined),
        );
        if number % 4 == 2 {
            let reason = "Une session du catalogue répond à la demande".to_owned();
            let refused = request::Refused { reason };
            return self.tell(
                steps,
                day + Days::new(26),
                stream,
                &region,
                request::Fact::Refused(refused),
            );
        }
        let offer = self.offer(day + Days::new(24), steps);
        let funded = request::Funded {
            offer: Some(offer.uuid),
            cents: cents(self.dice.between(15, 90) * 10_000),
        };
        self.tell(
            steps,
            day + Days::new(26),
            stream,
            &region,
            request::Fact::Funded(funded),
        );
        self.session(day + Days::new(33), offer, 4, steps);
    }

    /// A training of its own.
    fn offer(&mut self, day: NaiveDate, steps: &mut Vec<Step>) -> StreamId {
        let operators = self.operators;
        let (operator, training) = (self.dice.pick(operators), self.dice.pick(TRAININGS));
        let stream = self.stream(StreamKind::Offer);
        let published = offer::Offer {
            operator: operator.siret,
            title: format!("{} (sur mesure)", training.title),
            objective: training.objective.to_owned(),
            rome: training.trades().into_iter().map(Trade::code).collect(),
            rncp: None,
            rs: None,
            formacode: training.formacodes(),
            certifying: false,
            aim: Some(offer::Aim::Professionalisation),
            level: None,
            entry_level: None,
            minutes: Minutes::try_from(self.dice.between(35, 210) * 60).expect("weeks are minutes"),
            mode: Mode::OnSite,
        };
        self.tell(
            steps,
            day,
            stream,
            &operator.source,
            offer::Fact::Published(Box::new(published)),
        );
        stream
    }

    fn session(&mut self, day: NaiveDate, offer: StreamId, capacity: u32, steps: &mut Vec<Step>) -> StreamId {
        let operators = self.operators;
        let (operator, stream) = (self.dice.pick(operators), self.stream(StreamKind::Session));
        let from = workdays::beginning_from(day + Days::new(30));
        let opened = session::Opened {
            offer: offer.uuid,
            commune: operator.commune,
            from,
            to: workdays::up_to(from + Days::new(60)),
            entry: Entry::Fixed,
            capacity,
            enrol_until: None,
        };
        self.tell(
            steps,
            day,
            stream,
            &operator.source,
            session::Fact::Opened(opened),
        );
        stream
    }

    fn need(&mut self, number: u32, steps: &mut Vec<Step>) {
        let (region, stream, day) = (
            Arc::clone(self.authority),
            self.stream(StreamKind::Need),
            self.day(),
        );
        let companies = self.companies;
        let (company, training) = (*self.dice.pick(companies), self.dice.pick(TRAININGS));
        let home = self.region.home(&mut self.dice);
        let commune: Commune = self.region.commune(home).into();
        let of_company = number % 3 != 2;
        let people = self.dice.between(4, 20) as u32;
        let stated = need::Stated {
            company: of_company.then_some(company),
            territory: (!of_company).then(|| departement(self.region.commune(home).departement)),
            rome: self.dice.pick(&training.trades()).code(),
            people,
            commune,
            by_date: day + Days::new(200),
        };
        self.tell(steps, day, stream, &region, need::Fact::Stated(stated));
        if number % 3 == 1 {
            let reason = Some("Recrutement reporté".to_owned());
            let dropped = need::Dropped { reason };
            return self.tell(
                steps,
                day + Days::new(20),
                stream,
                &region,
                need::Fact::Dropped(dropped),
            );
        }
        let accompanied = need::Accompanied {
            by: None,
            comment: Some("Étude du besoin avec l'agence de développement".to_owned()),
        };
        self.tell(
            steps,
            day + Days::new(10),
            stream,
            &region,
            need::Fact::Accompanied(accompanied),
        );
        let offer = self.offer(day + Days::new(20), steps);
        let session = self.session(day + Days::new(24), offer, people, steps);
        let met = need::Met {
            session: session.uuid,
        };
        self.tell(steps, day + Days::new(30), stream, &region, need::Fact::Met(met));
    }

    /// Each year's call for proposals, in February.
    fn call(&mut self, year: i32, steps: &mut Vec<Step>) {
        let Some(day) =
            NaiveDate::from_ymd_opt(year, 2, 10).filter(|day| *day > self.settings.from + Days::new(5))
        else {
            return;
        };
        let (region, stream) = (Arc::clone(self.authority), self.stream(StreamKind::Call));
        let opened = call::Opened {
            title: format!("Expérimentations {year} : lever les freins à la mobilité"),
            territory: format!("{}/{}", TerritoryLevel::Region, self.region.code)
                .parse()
                .expect("the région is current"),
            until: day + Days::new(50),
            envelope_cents: cents(20_000_000),
        };
        self.tell(steps, day, stream, &region, call::Fact::Opened(opened));
        let (operators, mut first) = (self.operators, None);
        for title in ["Minibus solidaire", "Permis en stage", "Vélos à assistance"] {
            let (operator, name) = (self.dice.pick(operators), self.dice.uuid(calendar::midnight(day)));
            let proposal = call::Proposal {
                proposal: Some(name),
                operator: operator.siret,
                title: title.to_owned(),
                cents: cents(self.dice.between(40, 90) * 100_000),
            };
            let sent = day + Days::new(10 + self.dice.below(30));
            self.tell(
                steps,
                sent,
                stream,
                &operator.source,
                call::Fact::ProposalSubmitted(proposal),
            );
            first = first.or(Some(name));
        }
        let selected = call::Selected {
            proposal: first,
            operator: None,
        };
        self.tell(
            steps,
            day + Days::new(70),
            stream,
            &region,
            call::Fact::ProposalSelected(selected),
        );
        let closed = call::Closed { reason: None };
        self.tell(
            steps,
            day + Days::new(80),
            stream,
            &region,
            call::Fact::Closed(closed),
        );
    }
}

fn departement(code: &str) -> TerritoryCode {
    let written = format!("{}/{code}", TerritoryLevel::Departement);
    written.parse().expect("the département of a commune is current")
}

fn cents(amount: i64) -> Cents {
    Cents::try_from(amount).expect("amounts of money drawn here are positive and small")
}
