//! What was refused, as a file to be corrected and imported again: the lines as they stood, behind their number and the
//! reason.

use super::header::REJECTED;
use super::spool::Spool;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Lines refused so far, in whatever order they were.
pub(super) struct Rejects {
    lines: Spool<8>,
    count: u64,
}

impl Rejects {
    pub(super) fn new() -> Self {
        Rejects {
            lines: Spool::new(),
            count: 0,
        }
    }

    /// The line `number`, which stands there as `text`, without what a rejects file has in front.
    pub(super) fn add(&mut self, number: u64, reason: &str, text: &str, delimiter: u8) -> io::Result<()> {
        let delimiter = char::from(delimiter);
        let line = format!("{number}{delimiter}{}{delimiter}{text}\r\n", quoted(reason));
        self.count += 1;
        self.lines.push(number.to_be_bytes(), line.as_bytes())
    }

    /// A line of which nobody knows where its cells end: it stands in one of them.
    pub(super) fn add_broken(
        &mut self,
        number: u64,
        reason: &str,
        text: &str,
        delimiter: u8,
    ) -> io::Result<()> {
        self.add(number, reason, &quoted(text), delimiter)
    }

    /// Writes them in the order of their lines, behind `header`; nothing if there are none. Gives where and how many.
    pub(super) fn write(
        self,
        to: &RejectsFile,
        header: &str,
        delimiter: u8,
    ) -> io::Result<Option<(PathBuf, u64)>> {
        let (count, file) = (self.count, &to.file);
        if count == 0 {
            return Ok(None);
        }
        self.write_all(file, header, delimiter)?;
        if let Some(earlier) = &to.earlier
            && std::fs::read(earlier)? == std::fs::read(file)?
        {
            std::fs::remove_file(file)?;
            return Ok(Some((earlier.clone(), count)));
        }
        Ok(Some((file.clone(), count)))
    }

    fn write_all(self, file: &Path, header: &str, delimiter: u8) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        let sign = char::from(delimiter);
        let [line, reason] = REJECTED;
        // With the mark by which spreadsheets know UTF-8.
        write!(out, "\u{feff}{line}{sign}{reason}{sign}{header}\r\n")?;
        let mut sorted = self.lines.sorted()?;
        while let Some(line) = sorted.next()? {
            out.write_all(&line)?;
        }
        out.flush()
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Where rejects go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectsFile {
    pub(super) file: PathBuf,
    /// An earlier one, which is as good if it says the same.
    earlier: Option<PathBuf>,
}

impl RejectsFile {
    /// To this file, whatever is there.
    pub fn at(file: PathBuf) -> RejectsFile {
        RejectsFile { file, earlier: None }
    }

    /// Beside the file that is imported, under a name that no file has yet, since what stands in an earlier one may be
    /// corrected by somebody just now.
    pub fn beside(imported: &Path) -> RejectsFile {
        let stem = imported
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let stem = match stem.rsplit_once(".rejects") {
            Some((before, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => before.to_owned(),
            _ => stem,
        };
        let named = |number: u32| {
            let number = if number == 1 {
                String::new()
            } else {
                number.to_string()
            };
            imported.with_file_name(format!("{stem}.rejects{number}.csv"))
        };
        let free = (1..)
            .find(|number| !named(*number).exists())
            .expect("some name is free");
        let earlier = (free > 1)
            .then(|| named(free - 1))
            .filter(|earlier| earlier != imported);
        RejectsFile {
            file: named(free),
            earlier,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_stand_in_the_order_of_their_lines_behind_their_reasons() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        let mut rejects = Rejects::new();
        rejects.add(12, "no \"month\"; empty", "a;b", b';').unwrap();
        rejects.add_broken(3, "broken", "\"x;y", b';').unwrap();
        let to = RejectsFile::at(file.clone());
        assert_eq!(
            rejects.write(&to, "type;parcours", b';').unwrap(),
            Some((file.clone(), 2))
        );
        let expected = "\u{feff}line;reason;type;parcours\r\n3;\"broken\";\"\"\"x;y\"\r\n12;\"no \"\"month\"\"; empty\";a;b\r\n";
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    }

    #[test]
    fn without_rejects_there_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        assert_eq!(
            Rejects::new()
                .write(&RejectsFile::at(file.clone()), "type", b';')
                .unwrap(),
            None
        );
        assert!(!file.exists());
    }

    #[test]
    fn no_earlier_file_of_rejects_is_written_over_and_none_is_written_twice() {
        let folder = tempfile::tempdir().unwrap();
        let write = |imported: &str, line: &str| {
            let mut rejects = Rejects::new();
            rejects.add(2, "no", line, b';').unwrap();
            let to = RejectsFile::beside(&folder.path().join(imported));
            let (written, _) = rejects.write(&to, "type", b';').unwrap().unwrap();
            written.file_name().unwrap().to_string_lossy().into_owned()
        };
        assert_eq!(write("mars.csv", "a"), "mars.rejects.csv");
        assert_eq!(write("mars.csv", "a"), "mars.rejects.csv", "it says the same");
        assert_eq!(write("mars.csv", "b"), "mars.rejects2.csv");
        assert_eq!(
            write("mars.rejects2.csv", "b"),
            "mars.rejects3.csv",
            "what is read is not taken away"
        );
        assert!(!folder.path().join("mars.rejects4.csv").exists());
    }
}
