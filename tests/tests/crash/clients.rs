//! Clients that never give up: what is not answered is sent again, to whoever serves next.

use std::collections::{BTreeSet, VecDeque};
use std::io;

use parcours_tests::{Api, EventStream};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ledger::Ledger;
use crate::script::{Planned, Script};

/// How a client sends.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// One event a request.
    Single,
    /// Lists of so many.
    List(usize),
    /// Streams of so many events, so many on the way at a time.
    Stream { length: usize, window: usize },
}

/// The service is gone, or says that it cannot: nothing is known of what was sent last.
#[derive(Debug)]
pub struct Gone;

/// One client and its script.
#[derive(Debug)]
pub struct Client {
    mode: Mode,
    script: Script,
    /// Not answered yet, in order; perhaps sent.
    open: VecDeque<Planned>,
    /// Answered.
    pub told: Vec<Planned>,
    /// The parcours spoken of since this was last emptied.
    pub touched: BTreeSet<Uuid>,
}

impl Client {
    /// A client that has said nothing yet.
    pub fn new(mode: Mode, script: Script) -> Client {
        Client {
            mode,
            script,
            open: VecDeque::new(),
            told: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Whether something it sent was never answered.
    pub fn is_left_in_doubt(&self) -> bool {
        self.open.iter().any(|planned| planned.sendings > 0)
    }

    /// Tells its script to the service at `address` until the service is gone.
    pub fn speak(&mut self, address: &str, ledger: &Ledger) {
        let api = Api::at(address);
        while self.exchange(address, &api, ledger).is_ok() {}
    }

    /// Sends what was never answered, until all of it is.
    pub fn settle(&mut self, address: &str, ledger: &Ledger) {
        let api = Api::at(address);
        while !self.open.is_empty() {
            let events: Vec<Planned> = self.open.iter().take(100).cloned().collect();
            self.mark_sent(events.len());
            self.list(&api, &events, ledger)
                .expect("the service is not killed any more");
        }
    }

    fn exchange(&mut self, address: &str, api: &Api, ledger: &Ledger) -> Result<(), Gone> {
        match self.mode {
            Mode::Single => {
                let planned = self.next(1).remove(0);
                let headers = [("content-type", "application/cloudevents+json")];
                let body = planned.event.to_string();
                let answer = api
                    .send("POST", "/v1/events", &headers, body.as_bytes())
                    .map_err(|_| Gone)?;
                let said = answer.json();
                let answer = match answer.status {
                    200 | 201 => said,
                    _ => json!({"status": "refused", "problem": said}),
                };
                self.answered(&answer, ledger)
            }
            Mode::List(length) => {
                let events = self.next(length);
                self.list(api, &events, ledger)
            }
            Mode::Stream { length, window } => self.stream(address, length, window, ledger).map_err(|_| Gone),
        }
    }

    fn list(&mut self, api: &Api, events: &[Planned], ledger: &Ledger) -> Result<(), Gone> {
        let list: Value = events.iter().map(|planned| planned.event.clone()).collect();
        let headers = [("content-type", "application/cloudevents-batch+json")];
        let body = list.to_string();
        let answer = api
            .send("POST", "/v1/events", &headers, body.as_bytes())
            .map_err(|_| Gone)?;
        if answer.status >= 500 {
            return Err(Gone);
        }
        let answers = answer.must_be(200).json();
        let answers = answers.as_array().expect("a list is answered by a list");
        assert_eq!(answers.len(), events.len());
        answers
            .iter()
            .try_for_each(|answer| self.answered(answer, ledger))
    }

    fn stream(&mut self, address: &str, length: usize, window: usize, ledger: &Ledger) -> io::Result<()> {
        let mut stream = EventStream::open(address)?;
        let mut left = length;
        while left > 0 {
            let events = self.next(window.min(left));
            stream.send(events.iter().map(|planned| &planned.event))?;
            for _ in &events {
                let answer = stream.next_result()?;
                let answer = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
                self.answered(&answer, ledger)
                    .map_err(|Gone| io::Error::other("the service cannot"))?;
            }
            left -= events.len();
        }
        stream.finish()?;
        match stream.next_result()? {
            None => Ok(()),
            Some(more) => panic!("a result for nothing that was sent: {more}"),
        }
    }

    /// The next events to send: first those that were never answered.
    fn next(&mut self, number: usize) -> Vec<Planned> {
        while self.open.len() < number {
            let planned = self.script.next().expect("the script is endless");
            self.touched.extend(planned.parcours());
            self.open.push_back(planned);
        }
        let events = self.open.iter().take(number).cloned().collect();
        self.mark_sent(number);
        events
    }

    fn mark_sent(&mut self, number: usize) {
        for planned in self.open.iter_mut().take(number) {
            self.touched.extend(planned.parcours());
            planned.sendings += 1;
        }
    }

    /// The answer to the first event that has none.
    fn answered(&mut self, answer: &Value, ledger: &Ledger) -> Result<(), Gone> {
        if answer["problem"]["status"].as_u64() >= Some(500) {
            return Err(Gone);
        }
        let planned = self.open.pop_front().expect("answers come for what was sent");
        ledger.note(&planned, answer);
        self.told.push(planned);
        Ok(())
    }
}
