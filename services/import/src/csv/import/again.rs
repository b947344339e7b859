//! What the rules refuse, tried once more at the end: what is only possible together, and what others made possible.

use super::{GROUP, Sent, Stopped, Work};
use parcours_log::Append;
use parcours_model::StreamId;
use std::collections::HashMap;

/// Refused lines of one stream that are tried together.
const MOST_TOGETHER: usize = 50;

impl Work<'_, '_> {
    /// Tries these once more: of each stream together, as long as something of it is refused without that one, then each for
    /// itself.
    pub(super) async fn try_again(&mut self, waiting: impl Iterator<Item = Sent>) -> Result<(), Stopped> {
        let mut of_streams: Vec<Vec<Sent>> = Vec::new();
        let mut places: HashMap<StreamId, usize> = HashMap::new();
        for sent in waiting {
            let place = *places
                .entry(sent.submission.event.stream)
                .or_insert(of_streams.len());
            match of_streams.get_mut(place) {
                Some(others) => others.push(sent),
                None => of_streams.push(vec![sent]),
            }
        }
        let (mut alone, mut trying): (Vec<Sent>, Vec<Vec<Sent>>) = (Vec::new(), Vec::new());
        for of_stream in of_streams {
            match (2..=MOST_TOGETHER).contains(&of_stream.len()) {
                true => trying.push(of_stream),
                false => alone.extend(of_stream),
            }
        }
        while !trying.is_empty() {
            let appends = trying.iter().map(|lines| Append {
                submissions: lines.iter().map(|sent| sent.submission.clone()).collect(),
                expected: Vec::new(),
                actor: self.actor.clone(),
                dry_run: false,
            });
            let answers = self.desk.append_each(appends.collect()).await;
            let mut left = Vec::new();
            for (mut lines, answer) in trying.into_iter().zip(answers) {
                match answer {
                    Ok(receipts) => {
                        for (sent, receipt) in lines.iter().zip(receipts) {
                            self.settled(sent, Ok(vec![receipt]))?;
                        }
                    }
                    Err(rejection) => {
                        alone.push(lines.remove(rejection.index().unwrap_or(0)));
                        match lines.len() {
                            1 => alone.append(&mut lines),
                            _ => left.push(lines),
                        }
                    }
                }
            }
            trying = left;
        }
        alone.sort_by_key(|sent| sent.submission.event.time);
        for lines in alone.chunks(GROUP) {
            let answers = self.append(lines).await;
            for (sent, answer) in lines.iter().zip(answers) {
                self.settled(sent, answer)?;
            }
        }
        Ok(())
    }
}
