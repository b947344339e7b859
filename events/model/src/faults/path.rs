use std::fmt;

/// The way to a value inside another: members and items, the outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// One step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Member(String),
    /// The item at this place, from 0.
    Item(usize),
}

impl Path {
    /// To the member of this name.
    pub fn to(name: &str) -> Self {
        Path(vec![Step::Member(name.to_owned())])
    }

    /// The same from within `outer`.
    pub fn within(mut self, outer: Step) -> Self {
        self.0.insert(0, outer);
        self
    }

    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// As a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let step = |step: &Step| match step {
            Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Item(index) => format!("/{index}"),
        };
        self.0.iter().map(step).collect()
    }
}

/// As a sender would write it: `data.rome[2]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if index == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_for_people_and_as_a_pointer() {
        let path = Path::to("a/b~c")
            .within(Step::Item(2))
            .within(Step::Member("data".into()));
        assert_eq!(path.to_string(), "data[2].a/b~c");
        assert_eq!(path.pointer(), "/data/2/a~1b~0c");
    }
}
