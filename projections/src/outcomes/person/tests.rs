use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::Value;
use crate::outcomes::VIEW;
use crate::story::Story;

mod ahead;

/// A message, shortly: its name, its kind and what it does.
fn told(story: &Story) -> Vec<String> {
    let output = (VIEW.fold)(&story.0).unwrap();
    let rows = output.rows.iter().map(|(_, key, values)| {
        let Some(Value::Text(document)) = values.last() else {
            panic!("no document")
        };
        let document: Document = serde_json::from_str(document).unwrap();
        let does = match document {
            Document::Outcome(Outcome { replaces: None, .. }) => "told".to_owned(),
            Document::Outcome(Outcome {
                replaces: Some(earlier),
                ..
            }) => format!("replaces {earlier}"),
            Document::Retraction { replaces, .. } => format!("takes back {replaces}"),
            Document::Forget { .. } => "forget".to_owned(),
            Document::Place(_) => panic!("a person is no session"),
        };
        format!("{}-{} {} {does}", key[1], key[2], values[0])
    });
    rows.collect()
}

/// The n-th message's columns.
fn column(story: &Story, message: usize, name: &str) -> Value {
    let place = VIEW.tables[0]
        .values
        .iter()
        .position(|(column, _)| *column == name)
        .unwrap();
    (VIEW.fold)(&story.0).unwrap().rows[message].2[place].clone()
}

fn consent(story: Story, day: &str) -> Story {
    story.tell(day, "consent.given", json!({"purpose": "partners"}))
}

fn withdrawal(story: Story, day: &str) -> Story {
    story.tell(day, "consent.withdrawn", json!({"purpose": "partners"}))
}

/// Started, with a consent of the day after, recorded at position 50.
fn consented() -> Story {
    consent(Story::started(), "2026-02-02")
}

#[test]
fn without_consent_nothing_is_told() {
    let story = Story::started()
        .certified("2026-05-01")
        .exit("2026-06-30", "completed");
    assert_eq!(told(&story), [] as [&str; 0]);
    let profile = story.tell("2026-06-01", "consent.given", json!({"purpose": "profile"}));
    assert_eq!(told(&profile), [] as [&str; 0], "a consent for something else");
}

#[test]
fn what_stands_already_is_told_when_consent_is_given_in_the_order_in_which_it_happened() {
    let story = Story::started().employed("2026-06-01").certified("2026-05-01");
    let story = consent(story, "2026-06-10");
    assert_eq!(
        told(&story),
        [
            "70-0 entry told",
            "70-1 certification told",
            "70-2 employment told"
        ]
    );
}

#[test]
fn while_consent_stands_each_outcome_is_told_as_it_becomes_known() {
    let story = consented().exit("2026-06-30", "completed").employed("2026-08-01");
    assert_eq!(
        told(&story),
        ["50-0 entry told", "60-0 exit told", "70-0 employment told"]
    );
    assert_eq!(column(&story, 1, "departement"), Value::from("76"));
    assert_eq!(column(&story, 1, "operator"), Value::from("19290076900014"));
}

#[test]
fn a_correction_names_the_message_that_it_replaces() {
    let story = consented()
        .exit("2026-06-30", "completed")
        .corrected("e6", "2026-07-01");
    assert_eq!(told(&story)[1..], ["60-0 exit told", "70-0 exit replaces 60-0"]);
    let again = story.corrected("e6", "2026-07-02");
    assert_eq!(told(&again)[3..], ["80-0 exit replaces 70-0"]);
}

#[test]
fn a_correction_that_changes_nothing_for_partners_is_not_told() {
    let story = consented().employed("2026-06-01");
    let employer = json!({"event": {"id": "e6", "source": "urn:siret:19290076900014"}, "data": {
        "employment": Uuid::from_u128(9), "contract": "permanent", "reported_by": "trainee", "employer": "73282932000074"}});
    let corrected = story.tell("2026-06-02", "event.corrected", employer);
    assert_eq!(told(&corrected).len(), 2, "the employer is nobody's business");
}

#[test]
fn what_is_annulled_is_taken_back() {
    let story = consented().certified("2026-05-01").annulled("e6");
    assert_eq!(
        told(&story)[1..],
        ["60-0 certification told", "70-0 certification takes back 60-0"]
    );
}

#[test]
fn a_correction_that_is_annulled_is_corrected_back() {
    let story = consented()
        .exit("2026-06-30", "completed")
        .corrected("e6", "2026-07-01")
        .annulled("e7");
    assert_eq!(
        told(&story)[2..],
        ["70-0 exit replaces 60-0", "80-0 exit replaces 70-0"]
    );
}

#[test]
fn whoever_moves_is_taken_back_where_they_were_told_and_told_where_they_are() {
    let oriented = json!({"event": {"id": "e1", "source": "urn:siret:19290076900014"}, "data": {
        "trainee": Uuid::from_u128(2), "channel": "partner", "commune": "14118", "situation": "without_job",
        "needs": [], "level": 4}});
    let story = consented().tell("2026-03-01", "event.corrected", oriented);
    assert_eq!(
        told(&story),
        ["50-0 entry told", "60-0 entry takes back 50-0", "60-1 entry told"]
    );
    assert_eq!(column(&story, 1, "departement"), Value::from("76"));
    assert_eq!(column(&story, 2, "departement"), Value::from("14"));
    let forgotten = withdrawal(story, "2026-03-02");
    assert_eq!(told(&forgotten), ["70-0 forget forget", "70-1 forget forget"]);
    assert_eq!(column(&forgotten, 0, "departement"), Value::from("76"));
    assert_eq!(column(&forgotten, 1, "departement"), Value::from("14"));
}

#[test]
fn of_a_consent_withdrawn_only_the_notice_remains() {
    let story = withdrawal(consented().certified("2026-05-01"), "2026-05-02").employed("2026-06-01");
    assert_eq!(told(&story), ["70-0 forget forget"]);
    assert_eq!(
        column(&story, 0, "departement"),
        Value::from("76"),
        "for those who were told"
    );
}

#[test]
fn consent_given_again_tells_everything_anew() {
    let story = consent(withdrawal(consented(), "2026-03-01"), "2026-04-01");
    assert_eq!(told(&story), ["60-0 forget forget", "70-0 entry told"]);
}

#[test]
fn a_consent_that_never_was_is_forgotten_like_one_withdrawn() {
    assert_eq!(told(&consented().annulled("e5")), ["60-0 forget forget"]);
    let withdrawn = withdrawal(consented(), "2026-03-01");
    assert_eq!(
        told(&withdrawn.annulled("e6")),
        ["60-0 forget forget", "70-0 entry told"],
        "a withdrawal that never was is a consent given again"
    );
}

#[test]
fn a_consent_that_becomes_known_after_its_withdrawal_changes_nothing() {
    let story = withdrawal(consented(), "2026-03-01");
    let late = consent(story, "2026-02-15");
    assert_eq!(told(&late), ["60-0 forget forget"]);
}

#[test]
fn a_consent_corrected_into_one_for_partners_counts() {
    let profile = Story::started().tell("2026-02-02", "consent.given", json!({"purpose": "profile"}));
    let data =
        json!({"event": {"id": "e5", "source": "urn:siret:19290076900014"}, "data": {"purpose": "partners"}});
    assert_eq!(
        told(&profile.tell("2026-02-03", "event.corrected", data)),
        ["60-0 entry told"]
    );
}

#[test]
fn records_that_cannot_matter_and_their_amendments_tell_nothing() {
    let story = consented()
        .tell("2026-02-10", "obstacle.lifted", json!({"obstacle": "mobility"}))
        .corrected("e6", "2026-02-11")
        .annulled("e7")
        .annulled("e6");
    assert_eq!(told(&story), ["50-0 entry told"]);
}
