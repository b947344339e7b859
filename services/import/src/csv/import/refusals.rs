//! Lines that are refused: told, and kept to be corrected.

use super::{Sent, Work};
use crate::csv::plan::Plan;
use crate::csv::reading::Refused as RefusedLine;
use crate::report::Refused;
use parcours_model::Malformed;
use std::io;

impl Work<'_, '_> {
    /// A line that is no event.
    pub(super) fn refused_line(&mut self, line: &RefusedLine) -> io::Result<()> {
        self.report.read();
        let reason = self.report.refuse(&Refused {
            line: line.number,
            id: None,
            code: line.code,
            field: line.fault.column.as_deref(),
            detail: line.fault.detail.clone(),
        });
        match line.broken {
            true => self
                .rejects
                .add_broken(line.number, &reason, &line.text, self.delimiter),
            false => self.rejects.add(line.number, &reason, &line.text, self.delimiter),
        }
    }

    /// Tells of a line that is refused, in the words of the file's header where it has one for what is wrong.
    pub(super) fn refuse(
        &mut self,
        sent: &Sent,
        code: &str,
        field: Option<&str>,
        detail: String,
    ) -> io::Result<()> {
        let word = self.word(&sent.plan, field);
        let reason = self.report.refuse(&Refused {
            line: sent.number,
            id: Some(&sent.submission.event.key.id.to_string()),
            code,
            field: word.as_deref().or(field),
            detail,
        });
        self.rejects.add(sent.number, &reason, &sent.text, self.delimiter)
    }

    /// A line that would be an event, but for this.
    pub(super) fn malformed(
        &mut self,
        number: u64,
        wrong: &Malformed,
        text: &str,
        plan: &Plan,
    ) -> io::Result<()> {
        let word = self.word(plan, wrong.field.as_deref());
        let reason = self.report.refuse(&Refused {
            line: number,
            id: None,
            code: wrong.code,
            field: word.as_deref().or(wrong.field.as_deref()),
            detail: wrong.detail.clone(),
        });
        self.rejects.add(number, &reason, text, self.delimiter)
    }

    /// What the file calls a field of the event.
    fn word(&self, plan: &Plan, field: Option<&str>) -> Option<String> {
        self.words.get(plan.place_of(field?)?).cloned()
    }
}
