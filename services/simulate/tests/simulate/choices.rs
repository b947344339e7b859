//! What is chosen is checked before anything is simulated.

use super::service::chosen;
use chrono::NaiveDate;
use parcours_simulate::settings::Unfit;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a day of the calendar")
}

#[test]
fn a_programme_of_the_future_is_refused_and_one_of_today_is_not() {
    let ahead = chosen("--until 2030-01-01").expect_err("nobody knows that time");
    assert_eq!(
        ahead,
        Unfit::Ahead {
            until: date("2030-01-01"),
            latest: date("2026-11-25"),
        }
    );
    assert!(chosen("--until 2026-11-26").is_err());
    assert!(chosen("--until 2026-11-25").is_ok());
}

#[test]
fn a_programme_that_ends_before_it_begins_is_refused() {
    for line in ["--from 2026-05-02 --until 2025-05-02", "--from 2027-01-01"] {
        let refused = chosen(line).expect_err("time goes forward");
        assert!(matches!(refused, Unfit::Backwards { .. }), "{line}: {refused}");
    }
    let short = chosen("--from 2026-10-01").expect_err("eight weeks show nothing");
    assert!(matches!(short, Unfit::TooShort { .. }), "{short}");
}

#[test]
fn a_region_that_there_is_not_is_refused() {
    let refused = chosen("--region 99").expect_err("there are 18 régions");
    assert_eq!(refused, Unfit::UnknownRegion("99".to_owned()));
}
