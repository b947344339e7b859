//! Numbers, said and read.

use std::fmt::Display;

/// So many of something, of which one is called `one`: its plural is an `s` more.
pub fn counted(number: impl Display, one: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// Reads an option that is a whole number from `least` to `most`; what is none is told with an example. What was found
/// stands before it in the sentence of the command line.
pub fn whole<T: TryFrom<u64>>(
    least: u64,
    most: u64,
    example: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse::<u64>().ok();
        let number = number.filter(|number| (least..=most).contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let from = match most {
                u64::MAX => format!("{least} on"),
                _ => format!("{least} to {most}"),
            };
            format!("expected a whole number from {from}, such as {example}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let told = [0, 1, 2].map(|number| counted(number, "formation"));
        assert_eq!(told, ["0 formations", "1 formation", "2 formations"]);
    }

    #[test]
    fn what_is_no_number_is_told_with_an_example() {
        let read = whole::<u32>(1, 5, 3);
        assert_eq!(read("5"), Ok(5));
        for wrong in ["0", "6", "-1", "1.5", "abc", ""] {
            let told = read(wrong).unwrap_err();
            assert_eq!(told, "expected a whole number from 1 to 5, such as 3", "{wrong}");
        }
        let told = whole::<u64>(0, u64::MAX, 12)("x").unwrap_err();
        assert_eq!(told, "expected a whole number from 0 on, such as 12");
    }
}
