//! What one client says: parcours after parcours, each event with the answer it must get.

use std::collections::VecDeque;

use parcours_tests::Story;
use parcours_tests::story::{Person, training_of};
use serde_json::{Value, json};
use uuid::Uuid;

/// An event to be sent, and what must come of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The event.
    pub event: Value,
    /// The answer it must get.
    pub expected: Expected,
    /// How often it was sent. After the first time, the service may know it though it never said so.
    pub sendings: u32,
}

/// The answer an event must get, however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// In the log, with so many entries that the log writes behind it: places taken or released, trainings begun or ended.
    Recorded { consequences: u64 },
    /// Refused with this code.
    Refused(&'static str),
    /// In the log if a place of the session that all want is left, and then the place is taken.
    Contested,
}

const RECORDED: Expected = Expected::Recorded { consequences: 0 };
const WITH_A_PLACE: Expected = Expected::Recorded { consequences: 1 };
const WITH_A_TRAINING: Expected = Expected::Recorded { consequences: 1 };
/// The training that began at the wrong time never did, and began at another.
const MOVED: Expected = Expected::Recorded { consequences: 2 };
/// The place is free, and the training over.
const EXIT: Expected = Expected::Recorded { consequences: 2 };

/// The endless script of one client. The same client says the same in each run.
#[derive(Debug)]
pub struct Script {
    client: u32,
    contested: Uuid,
    told: u32,
    ahead: VecDeque<Planned>,
}

impl Script {
    /// The script of a client who also wants places of the session `contested`.
    pub fn new(client: u32, contested: Uuid) -> Script {
        Script {
            client,
            contested,
            told: 0,
            ahead: VecDeque::new(),
        }
    }

    /// Stream number `part` of the story `number`.
    fn uuid(&self, number: u32, part: u32) -> Uuid {
        let client = u128::from(self.client) << 96;
        Uuid::from_u128(client | u128::from(number) << 64 | u128::from(part) << 32)
    }

    fn plan(&mut self, event: Value, expected: Expected) {
        self.ahead.push_back(Planned {
            event,
            expected,
            sendings: 0,
        });
    }

    fn plan_all(&mut self, events: impl IntoIterator<Item = Value>) {
        for event in events {
            self.plan(event, RECORDED);
        }
    }

    /// One more story. Three of them share a session of two places.
    fn tell(&mut self) {
        let number = self.told;
        self.told += 1;
        let shared = training_of(self.uuid(number - number % 3, 1), 2);
        let person = Person {
            session: Some(shared.session),
            level: (number % 9) as u8,
            ..Person::default()
        };
        let mut story = Story::of("parcours", self.uuid(number, 2));
        match number % 3 {
            0 => {
                self.plan_all(shared.events);
                self.refusals(number);
                self.stays(&mut story, &person);
            }
            1 => self.withdraws(&mut story, &person),
            _ => {
                self.comes_late(&mut story, &person);
                self.contends(number);
            }
        }
    }

    /// A whole stay, with a place from the admission to the exit.
    fn stays(&mut self, story: &mut Story, person: &Person) {
        self.plan_all([story.oriented("2024-01-08", person), story.eligible("2024-01-09")]);
        self.plan(story.admitted("2024-01-10", person), WITH_A_PLACE);
        let started = story.started("2024-02-05");
        self.plan_all([story.committed("2024-01-15"), story.accompanied("2024-01-16")]);
        self.plan(started.clone(), WITH_A_TRAINING);
        self.plan_all([story.module("2024-03-04"), story.bilan("2024-02-12")]);
        self.plan(story.moved("2024-03-05", &started, "2024-02-06"), MOVED);
        let module = story.module("2024-04-02");
        self.plan_all([module.clone(), story.annulled("2024-04-03", &module)]);
        self.plan(story.exited("2024-06-28", "completed"), EXIT);
        self.plan_all([story.employed("2024-09-02")]);
    }

    /// Takes the second place, and gives it back.
    fn withdraws(&mut self, story: &mut Story, person: &Person) {
        self.plan_all([story.oriented("2024-01-08", person), story.eligible("2024-01-09")]);
        self.plan(story.admitted("2024-01-10", person), WITH_A_PLACE);
        let withdrawn = story.tell("2024-01-20", "withdrawn", json!({"session": person.session}));
        self.plan(withdrawn, WITH_A_PLACE);
    }

    /// Finds no place, and later the one that was given back.
    fn comes_late(&mut self, story: &mut Story, person: &Person) {
        self.plan_all([story.oriented("2024-01-08", person), story.eligible("2024-01-09")]);
        self.plan(
            story.admitted("2024-01-12", person),
            Expected::Refused("place-available"),
        );
        self.plan(story.admitted("2024-01-25", person), WITH_A_PLACE);
        self.plan_all([story.committed("2024-01-26"), story.accompanied("2024-01-26")]);
        self.plan(story.started("2024-02-05"), WITH_A_TRAINING);
        self.plan(story.exited("2024-03-04", "abandoned"), EXIT);
    }

    /// Wants a place of the session that every client wants.
    fn contends(&mut self, number: u32) {
        let person = Person {
            session: Some(self.contested),
            ..Person::default()
        };
        let mut story = Story::of("parcours", self.uuid(number, 3));
        self.plan_all([
            story.oriented("2024-01-08", &person),
            story.eligible("2024-01-09"),
        ]);
        self.plan(story.admitted("2024-01-10", &person), Expected::Contested);
    }

    /// What is never recorded.
    fn refusals(&mut self, number: u32) {
        let mut nobody = Story::of("parcours", self.uuid(number, 4));
        self.plan(
            nobody.started("2024-02-05"),
            Expected::Refused("orientation-first"),
        );
        let mut misspelt = nobody.oriented("2024-01-08", &Person::default());
        misspelt["data"]["commune"] = json!("99999");
        self.plan(misspelt, Expected::Refused("invalid-data"));
    }
}

impl Iterator for Script {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        while self.ahead.is_empty() {
            self.tell();
        }
        self.ahead.pop_front()
    }
}

impl Planned {
    /// The parcours it belongs to, if it is one's.
    pub fn parcours(&self) -> Option<Uuid> {
        let subject = self.event["subject"].as_str()?;
        subject.strip_prefix("parcours/")?.parse().ok()
    }
}
