//! NDJSON of events into the log: one event a line; a bad line never stops the good ones.
//!
//! One thread reads and parses ahead, in groups; the groups go to the sequencer one after another, so that the events
//! of a stream are decided in the order of the file.

use super::desk::Desk;
use super::report::Report;
use parcours_log::{Append, LogError};
use parcours_model::{Malformed, Submission, Words, faults};
use std::io::{BufRead, Read};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Lines decided together. More of them at once cost memory, fewer cost commits.
const GROUP: usize = 1_000;
/// Groups read ahead.
const AHEAD: usize = 4;
/// The most bytes of a line: more than an entry may take, since JSON can be written in many ways.
const LONGEST_LINE: usize = 256 << 10;

/// Why an import of events stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file could not be read further.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The log could not take more.
    #[error(transparent)]
    Log(#[from] LogError),
}

struct Line {
    number: u64,
    event: Result<Submission, Malformed>,
}

/// Imports every line of `source`; tells `report`, and `progress` after each group with the bytes read.
/// Gives whether it came to the end: `cancel` stops it after the group under way.
pub async fn import(
    desk: &mut Desk<'_>,
    source: impl BufRead + Send + 'static,
    actor: Arc<str>,
    report: &mut Report,
    mut progress: impl FnMut(u64),
    cancel: &CancellationToken,
) -> Result<bool, Stopped> {
    let (groups, mut read) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read_groups(source, &groups));
    while let Some((lines, bytes)) = read.recv().await {
        append(desk, lines, &actor, report).await?;
        progress(bytes);
        if cancel.is_cancelled() {
            return Ok(false);
        }
    }
    reading.await.map_err(std::io::Error::other)??;
    Ok(true)
}

async fn append(
    desk: &mut Desk<'_>,
    lines: Vec<Line>,
    actor: &Arc<str>,
    report: &mut Report,
) -> Result<(), LogError> {
    let mut appends = Vec::with_capacity(lines.len());
    let mut sent = Vec::with_capacity(lines.len());
    for Line { number, event } in lines {
        let id = event.map(|submission| {
            let id = submission.event.key.id.clone();
            appends.push(Append::one(submission, actor.clone()));
            id
        });
        sent.push((number, id));
    }
    // Told in the order of the lines, whoever refused them.
    let mut answers = desk.append_each(appends).await.into_iter();
    for (number, id) in sent {
        report.read();
        match id {
            Err(malformed) => report.malformed(number, &malformed),
            Ok(id) => {
                let answer = answers.next().expect("every append is answered");
                report.answered(number, &id, answer)?;
            }
        }
    }
    Ok(())
}

/// Sends groups until the end of the source, or until nobody wants more.
fn read_groups(mut source: impl BufRead, groups: &mpsc::Sender<(Vec<Line>, u64)>) -> std::io::Result<()> {
    let (mut number, mut bytes) = (0, 0);
    let mut line = Vec::new();
    loop {
        let mut group = Vec::with_capacity(GROUP);
        while group.len() < GROUP {
            line.clear();
            let length = read_line(&mut source, &mut line)?;
            if length == 0 {
                break;
            }
            number += 1;
            bytes += length as u64;
            // What some programs write before text in UTF-8 says nothing.
            let text = match number {
                1 => line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line),
                _ => &line,
            };
            let text = text.trim_ascii_end();
            if text.len() > LONGEST_LINE {
                group.push(Line {
                    number,
                    event: Err(too_long()),
                });
            } else if !text.trim_ascii_start().is_empty() {
                group.push(Line {
                    number,
                    event: parse(text),
                });
            }
        }
        if group.is_empty() || groups.blocking_send((group, bytes)).is_err() {
            return Ok(());
        }
    }
}

/// Reads one line, of which at most one byte more than the longest is kept. Gives the bytes it took, 0 at the end.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut length = source
        .by_ref()
        .take(LONGEST_LINE as u64 + 2)
        .read_until(b'\n', line)?;
    if length > 0 && line.last() != Some(&b'\n') {
        length += source.skip_until(b'\n')?;
    }
    Ok(length)
}

fn too_long() -> Malformed {
    let words = Words::new(
        format!("the line has more than {LONGEST_LINE} bytes"),
        format!("la ligne a plus de {LONGEST_LINE} octets"),
    );
    Malformed::new("line-too-long", words)
}

/// Reads an event, and says at which character of its line it is wrong.
fn parse(line: &[u8]) -> Result<Submission, Malformed> {
    Submission::parse(line).map_err(|wrong| {
        let column = wrong.at.map(|at| faults::place(line, at).1);
        let detail = match column {
            Some(column) => format!("{} (column {column})", wrong.detail),
            None => wrong.detail,
        };
        Malformed { detail, ..wrong }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: Vec<u8>) -> Vec<(u64, Option<&'static str>)> {
        let (groups, mut read) = mpsc::channel(100);
        read_groups(std::io::Cursor::new(source), &groups).unwrap();
        drop(groups);
        let groups = std::iter::from_fn(|| read.blocking_recv());
        groups
            .flat_map(|(lines, _)| lines)
            .map(|line| (line.number, line.event.err().map(|wrong| wrong.code)))
            .collect()
    }

    #[test]
    fn lines_keep_their_numbers_and_empty_ones_are_nothing() {
        let lines = read(b"\xef\xbb\xbfx\n\r\n\n  \n{}\r\ny".to_vec());
        let expected = [
            (1, Some("malformed-json")),
            (5, Some("missing-attribute")),
            (6, Some("malformed-json")),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_line_without_end_takes_no_memory_and_does_not_hide_the_next() {
        let mut source = vec![b'a'; LONGEST_LINE * 3];
        source.extend(b"\nb\n");
        assert_eq!(
            read(source),
            [(1, Some("line-too-long")), (2, Some("malformed-json"))]
        );
    }

    #[test]
    fn a_line_of_the_longest_size_is_read() {
        let mut source = vec![b'a'; LONGEST_LINE];
        source.extend(b"\nb");
        assert_eq!(
            read(source),
            [(1, Some("malformed-json")), (2, Some("malformed-json"))]
        );
    }
}
