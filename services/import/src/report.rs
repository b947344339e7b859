//! What an import did, told as it goes: every refusal by its line, then the sums.

use super::lheo::{Left, Likely, NotTaken, Note};
use parcours_console::numbers::counted;
use parcours_console::{mention, say};
use parcours_log::{LogError, Receipt, Rejection};
use parcours_model::{EventId, Malformed};
use serde::Serialize;

/// The sums of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Lines or formations read.
    pub read: u64,
    /// Events recorded.
    pub recorded: u64,
    /// Events the log had already.
    pub duplicates: u64,
    /// Lines, offers or sessions refused.
    pub refused: u64,
}

/// One thing refused.
#[derive(Debug, Serialize)]
pub struct Refused<'a> {
    /// The line it stands on, from 1.
    pub line: u64,
    /// The event's id, or the number of the formation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// A stable word for programs.
    pub code: &'a str,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// What is wrong.
    pub detail: String,
}

/// Writes refusals where a person (standard error) or a program (standard output, a JSON object a line) reads them.
#[derive(Debug)]
pub struct Report {
    sums: Sums,
    not_taken: NotTaken,
    left: u64,
    corrections: u64,
    json: bool,
    dry_run: bool,
}

impl Report {
    /// An empty report; of what would be, of a dry run.
    pub fn new(json: bool, dry_run: bool) -> Self {
        Self {
            sums: Sums::default(),
            not_taken: NotTaken::new(),
            left: 0,
            corrections: 0,
            json,
            dry_run,
        }
    }

    /// The sums so far.
    pub fn sums(&self) -> Sums {
        self.sums
    }

    /// One more line or formation was read.
    pub fn read(&mut self) {
        self.sums.read += 1;
    }

    /// An event was recorded; one that corrects an earlier one, or not.
    pub fn recorded(&mut self, corrects: bool) {
        self.sums.recorded += 1;
        self.corrections += u64::from(corrects);
    }

    /// The log had an event already.
    pub fn duplicate(&mut self) {
        self.sums.duplicates += 1;
    }

    /// Something is refused. Gives the reason as it is told.
    pub fn refuse(&mut self, refused: &Refused<'_>) -> String {
        self.sums.refused += 1;
        let field = refused
            .field
            .map(|field| format!("{field}: "))
            .unwrap_or_default();
        let reason = format!("{}: {field}{}", refused.code, refused.detail);
        if self.json {
            say!("{}", serde_json::to_string(refused).expect("a refusal is JSON"));
            return reason;
        }
        let id = refused.id.map(|id| format!(" ({id})")).unwrap_or_default();
        mention!("line {}{id}: {reason}", refused.line);
        reason
    }

    /// Something is to be known of a file as a whole.
    pub fn remark_on_file(&self, remark: &str) {
        if self.json {
            say!("{}", serde_json::json!({ "remark": remark }));
        } else {
            mention!("remark: {remark}");
        }
    }

    /// Lines that were refused stand in a file.
    pub fn rejects(&self, file: &std::path::Path, lines: u64) {
        if self.json {
            say!(
                "{}",
                serde_json::json!({ "rejects": { "file": file, "lines": lines } })
            );
        } else {
            let lines = counted(lines, "line");
            mention!(
                "{lines} in {}: correct the cells there, and import that file",
                file.display()
            );
        }
    }

    /// Something was taken otherwise than it stands.
    pub fn remark(&self, note: &Note) {
        if self.json {
            let remark =
                serde_json::json!({ "line": note.line, "id": note.formation, "remark": note.to_string() });
            say!("{remark}");
        } else {
            mention!("remark: {note}");
        }
    }

    /// A session is no longer listed. `withdrawn` for how many people hold a place in it, if it is withdrawn now.
    pub fn left(&mut self, left: &Left, withdrawn: Option<usize>) {
        self.left += 1;
        let done = match withdrawn {
            None => "told",
            Some(0) => "cancelled",
            Some(_) => "closed",
        };
        if self.json {
            let likely = |named: fn(&Likely) -> &String| left.likely.as_ref().map(named);
            let session = serde_json::json!({
                "session": left.session, "title": left.title, "operator": left.operator, "commune": left.commune,
                "from": left.from, "to": left.to, "likely": likely(|likely| &likely.formation),
                "likely_session": likely(|likely| &likely.session), "done": done,
            });
            say!("{}", serde_json::json!({ "left": session }));
            return;
        }
        let Left {
            session,
            title,
            operator,
            commune,
            from,
            to,
            likely,
        } = left;
        let likely = likely.as_ref().map_or_else(String::new, |Likely { formation, session }| {
            format!("; session {session} of formation {formation}, which is new, is most likely the same under another name")
        });
        let done = match withdrawn {
            None => String::new(),
            Some(0) => "; cancelled".to_owned(),
            Some(1) => "; nobody else is enrolled (1 holds a place)".to_owned(),
            Some(holders) => format!("; nobody else is enrolled ({holders} hold a place)"),
        };
        mention!(
            "no longer listed: session {session} of \"{title}\" (operator {operator}, commune {commune}, {from} to {to}){likely}{done}"
        );
    }

    /// What a catalogue says that no event does, to be told by element with the sums.
    pub fn not_taken(&mut self, counted: &NotTaken) {
        for (element, times) in counted {
            *self.not_taken.entry(element.clone()).or_default() += times;
        }
    }

    /// A line that is no event.
    pub fn malformed(&mut self, line: u64, malformed: &Malformed) {
        self.refuse(&Refused {
            line,
            id: malformed.id.as_deref(),
            code: malformed.code,
            field: malformed.field.as_deref(),
            detail: malformed.detail.clone(),
        });
    }

    /// The log's answer on one event. An answer about the log itself ends the import.
    pub fn answered(
        &mut self,
        line: u64,
        id: &EventId,
        answer: Result<Vec<Receipt>, Rejection>,
    ) -> Result<(), LogError> {
        match answer {
            Ok(receipts) if receipts.iter().all(|receipt| receipt.duplicate) => self.duplicate(),
            Ok(_) => self.recorded(false),
            Err(rejection) => {
                let (code, field, detail) = refusal(rejection)?;
                self.refuse(&Refused {
                    line,
                    id: Some(&id.to_string()),
                    code,
                    field: field.as_deref(),
                    detail,
                });
            }
        }
        Ok(())
    }

    /// Writes the sums.
    pub fn finish(&self, interrupted: bool) {
        let Sums {
            read,
            recorded,
            duplicates,
            refused,
        } = self.sums;
        if self.json {
            let mut told = serde_json::json!({ "sums": self.sums, "interrupted": interrupted });
            if !self.not_taken.is_empty() {
                told["not_taken"] = serde_json::json!(self.not_taken);
            }
            if self.left > 0 {
                told["left"] = self.left.into();
            }
            if self.corrections > 0 {
                told["corrections"] = self.corrections.into();
            }
            if self.dry_run {
                told["dry_run"] = true.into();
            }
            say!("{told}");
        } else {
            let recorded = counted(recorded, "event");
            let done = if self.dry_run {
                "would be recorded"
            } else {
                "recorded"
            };
            say!("{read} read: {recorded} {done}, {duplicates} known already, {refused} refused");
            if self.corrections > 0 {
                let correct = if self.corrections == 1 {
                    "corrects"
                } else {
                    "correct"
                };
                say!(
                    "{} of them {correct} an earlier one",
                    counted(self.corrections, "event")
                );
            }
            if self.dry_run {
                say!("it was a dry run: nothing is recorded");
            }
            if !self.not_taken.is_empty() {
                let times = self.not_taken.iter();
                let elements: Vec<_> = times
                    .map(|(element, times)| format!("{element} {times}"))
                    .collect();
                say!("said by the catalogue, and in no event: {}", elements.join(", "));
            }
            if self.left > 0 {
                let are = if self.left == 1 { "is" } else { "are" };
                say!("{} {are} no longer listed", counted(self.left, "session"));
            }
            if interrupted {
                say!("interrupted: what is recorded stays; importing the file again goes on from there");
            }
        }
    }
}

/// Why an event is refused: a stable word, the field at fault, the sentence.
pub(crate) type Refusal = (&'static str, Option<String>, String);

/// What the log says of an event that it refuses. What it says of itself ends the import.
pub(crate) fn refusal(rejection: Rejection) -> Result<Refusal, LogError> {
    Ok(match rejection {
        Rejection::Unavailable(error) => return Err(error),
        Rejection::Closed => return Err(LogError::Unavailable("the log is closed".into())),
        Rejection::Refused { mut refusals, .. } => {
            let refusal = refusals.swap_remove(0);
            (refusal.code, refusal.field, refusal.english)
        }
        Rejection::Conflict { .. } | Rejection::Twice { .. } => ("conflict", None, rejection.to_string()),
        Rejection::WrongRevision { .. } => ("wrong-revision", None, rejection.to_string()),
        Rejection::TooLarge { .. } => ("too-large", None, rejection.to_string()),
        Rejection::Unstorable { .. } => ("unstorable", None, rejection.to_string()),
    })
}
