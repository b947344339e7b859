//! A parcours ends once (R14).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const EXIT_ONCE: Rule = Rule {
    code: "exit-once",
    english: "A parcours which started is exited once; one which did not is withdrawn or declined",
    french: "Un parcours démarré se termine une seule fois ; un parcours non démarré est retiré ou refusé",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let (mut started, mut exited) = (false, None);
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Started(_) => match exited {
                Some(exit) => return Err(Breach::between(index, exit)),
                None => started = true,
            },
            Fact::Exited(_) => match exited.replace(index) {
                Some(first) => return Err(Breach::between(index, first)),
                None if !started => {
                    let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::Started(_)));
                    return Err(Breach {
                        fact: index,
                        with: late.map(|(late, _)| late),
                    });
                }
                None => {}
            },
            _ => {}
        }
    }
    Ok(())
}
