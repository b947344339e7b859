//! Whole catalogues, as producers write them.

use chrono::{DateTime, Utc};

use super::{Catalogue, Formation, Note};

mod counted;
mod encoding;
mod events;
mod exports;
mod log;
mod own;
mod placing;
mod reading;
mod well_formed;

const OPERATOR: &str = "73000123400014";

fn as_of() -> DateTime<Utc> {
    "2026-11-24T00:00:00+01:00".parse().unwrap()
}

fn read(xml: &str) -> Vec<Formation> {
    Catalogue::open(xml.as_bytes(), as_of())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// The formation that `xml` makes when it stands in a catalogue of its own.
fn one(xml: &str) -> Formation {
    let mut read = read(&format!(
        "<lheo xmlns='http://www.lheo.org/2.2'><offres>{xml}</offres></lheo>"
    ));
    assert_eq!(read.len(), 1);
    read.remove(0)
}

/// A formation with nothing wrong in it, `change`d.
fn changed(change: &[(&str, &str)]) -> Formation {
    one(&changed_xml(change))
}

fn changed_xml(change: &[(&str, &str)]) -> String {
    let mut xml = format!(
        "<formation numero='F1'>
<domaine-formation><code-FORMACODE>42752</code-FORMACODE><code-ROME>G1602</code-ROME></domaine-formation>
<intitule-formation>Commis de cuisine</intitule-formation>
<objectif-formation>Travailler en brigade</objectif-formation>
<certifiante>0</certifiante>
<action numero='A1'>
<modalites-enseignement>0</modalites-enseignement>
<lieu-de-formation><coordonnees><adresse><codepostal>14000</codepostal><ville>Caen</ville><code-INSEE-commune>14118</code-INSEE-commune></adresse></coordonnees></lieu-de-formation>
<modalites-entrees-sorties>0</modalites-entrees-sorties>
<session numero='S1'>
<periode><debut>20270104</debut><fin>20270625</fin></periode>
<adresse-inscription><adresse><codepostal>76000</codepostal><ville>Rouen</ville></adresse></adresse-inscription>
</session>
<nombre-heures-total>420</nombre-heures-total>
</action>
<organisme-formation-responsable>
<SIRET-organisme-formation><SIRET>{OPERATOR}</SIRET></SIRET-organisme-formation>
<nom-organisme>École des fourneaux</nom-organisme>
<coordonnees-organisme><coordonnees><adresse><ville>Saint-Lô</ville><codepostal>50000</codepostal></adresse></coordonnees></coordonnees-organisme>
</organisme-formation-responsable>
</formation>"
    );
    for (from, to) in change {
        assert!(xml.contains(from), "{from}");
        xml = xml.replace(from, to);
    }
    xml
}

fn reasons(notes: &[Note]) -> Vec<String> {
    notes.iter().map(ToString::to_string).collect()
}
