//! What becomes of people, and what they say of their training.

use super::service::{Service, facts, parcours};
use chrono::Datelike;
use parcours_model::streams::parcours::{Contract, Fact};

#[test]
fn contracts_for_the_young_are_theirs() {
    let service = Service::trusting("--seed 18 --trainees 4000");
    let (mut apprentices, mut volunteers) = (0, 0);
    for history in parcours(&service) {
        let born = facts(history).find_map(|(_, fact)| match fact {
            Fact::Oriented(oriented) => oriented.birth_year,
            _ => None,
        });
        let Some(born) = born else { continue };
        for (day, fact) in facts(history) {
            let Fact::EmploymentStarted(job) = fact else {
                continue;
            };
            let age = day.year() - i32::from(born.get());
            match job.contract.kind {
                Contract::Apprenticeship => {
                    assert!(age <= 29, "an apprentice of {age}");
                    apprentices += 1;
                }
                Contract::CivilService => {
                    assert!(age <= 25, "a volunteer of {age}");
                    volunteers += 1;
                }
                _ => {}
            }
        }
    }
    assert!(
        apprentices > 10 && volunteers > 1,
        "{apprentices} apprentices, {volunteers} volunteers"
    );
}

#[test]
fn the_overall_mark_of_a_review_is_near_the_others() {
    let service = Service::trusting("--seed 19 --trainees 1000");
    let (mut reviews, mut differ) = (0, 0);
    for (_, fact) in parcours(&service).flat_map(facts) {
        let Fact::ReviewSubmitted(review) = fact else {
            continue;
        };
        let marks = [
            review.welcome,
            review.content,
            review.team,
            review.means,
            review.support,
        ];
        let mean = marks.iter().map(|mark| f64::from(mark.get())).sum::<f64>() / 5.0;
        let overall = f64::from(review.overall.get());
        assert!((overall - mean).abs() < 1.0, "{overall} over {marks:?}");
        reviews += 1;
        differ += u32::from((overall - mean).abs() > 0.5);
    }
    assert!(
        reviews > 200 && differ > 0 && differ < reviews / 2,
        "{differ} of {reviews}"
    );
}
