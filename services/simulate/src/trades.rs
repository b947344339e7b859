//! The trades people aim at and the trainings on offer.

use super::dice::Dice;
use parcours_model::codes::{Certification, Formacode, Rncp, Rome, Rs};

/// A trade of the ROME register (France Travail), with its title there.
pub(super) struct Trade {
    pub rome: &'static str,
    pub title: &'static str,
}

const fn trade(rome: &'static str, title: &'static str) -> Trade {
    Trade { rome, title }
}

/// Trades that hire in the région.
pub(super) const TRADES: &[Trade] = &[
    trade("A1203", "Aménagement et entretien des espaces verts"),
    trade("A1414", "Horticulture et maraîchage"),
    trade("D1106", "Vente en alimentation"),
    trade("D1505", "Personnel de caisse"),
    trade("D1507", "Mise en rayon libre-service"),
    trade("F1602", "Électricité bâtiment"),
    trade("F1606", "Peinture en bâtiment"),
    trade("F1703", "Maçonnerie"),
    trade("G1501", "Personnel d'étage"),
    trade("G1602", "Personnel de cuisine"),
    trade("G1603", "Personnel polyvalent en restauration"),
    trade("G1703", "Réception en hôtellerie"),
    trade("G1803", "Service en restauration"),
    trade("H2102", "Conduite d'équipement de production alimentaire"),
    trade("H2909", "Montage-assemblage mécanique"),
    trade("H2913", "Soudage manuel"),
    trade("H3302", "Opérations manuelles d'assemblage, tri ou emballage"),
    trade("I1203", "Maintenance des bâtiments et des locaux"),
    trade("I1401", "Maintenance informatique et bureautique"),
    trade("J1301", "Personnel polyvalent des services hospitaliers"),
    trade("J1501", "Soins d'hygiène, de confort du patient"),
    trade("K1301", "Accompagnement médicosocial"),
    trade("K1302", "Assistance auprès d'adultes"),
    trade("K1303", "Assistance auprès d'enfants"),
    trade("K1304", "Services domestiques"),
    trade("K2204", "Nettoyage de locaux"),
    trade("K2503", "Sécurité et surveillance privées"),
    trade("M1203", "Comptabilité"),
    trade("M1601", "Accueil et renseignements"),
    trade("M1602", "Opérations administratives"),
    trade("M1604", "Assistanat de direction"),
    trade("M1607", "Secrétariat"),
    trade("M1805", "Études et développement informatique"),
    trade("N1101", "Conduite d'engins de déplacement des charges"),
    trade("N1103", "Magasinage et préparation de commandes"),
    trade("N1105", "Manutention manuelle de charges"),
    trade("N4105", "Conduite et livraison par tournées sur courte distance"),
];

/// A training as operators offer it.
pub(super) struct Training {
    pub title: &'static str,
    pub objective: &'static str,
    pub rome: &'static [&'static str],
    pub formacode: &'static [&'static str],
    /// The title of the ministry of labour it prepares for, in the RNCP kept by France compétences.
    pub rncp: Option<&'static str>,
}

/// Minutes of a week of full time.
pub(super) const FULL_TIME: i64 = 35 * 60;

/// CléA, the base of knowledge and skills, in the répertoire spécifique.
const CLEA: &str = "RS7003";

impl Training {
    /// The certification its trainees may be registered for, if it prepares for one.
    pub fn certification(&self) -> Option<Certification> {
        let rncp = self.rncp().map(Certification::Rncp);
        rncp.or(self.rs().map(Certification::Rs))
    }

    /// That of the répertoire spécifique.
    pub fn rs(&self) -> Option<Rs> {
        (self.rncp.is_none() && self.title.contains("CléA")).then(|| code(CLEA))
    }

    /// How many weeks of full time it takes: a title of the ministry of labour 600 to 1,200 hours, the steps before it
    /// 210 to 490.
    pub fn weeks(&self, dice: &mut Dice) -> i64 {
        match self.rncp {
            Some(_) => dice.between(18, 34),
            None => dice.between(6, 14),
        }
    }

    pub fn rncp(&self) -> Option<Rncp> {
        self.rncp.map(code)
    }

    pub fn formacodes(&self) -> Vec<Formacode> {
        self.formacode.iter().copied().map(code).collect()
    }

    /// The trades it leads to: its own, or any.
    pub fn trades(&self) -> Vec<&'static Trade> {
        let own: Vec<_> = TRADES
            .iter()
            .filter(|trade| self.rome.contains(&trade.rome))
            .collect();
        if own.is_empty() {
            TRADES.iter().collect()
        } else {
            own
        }
    }
}

impl Trade {
    pub fn code(&self) -> Rome {
        code(self.rome)
    }
}

/// A code of these tables; a test reads them all.
fn code<T: std::str::FromStr>(text: &'static str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} in the simulation's own tables is no code"))
}

const fn titled(
    title: &'static str,
    rncp: &'static str,
    rome: &'static [&'static str],
    formacode: &'static [&'static str],
) -> Training {
    let objective = "Obtenir le titre professionnel et accéder à l'emploi";
    Training {
        title,
        objective,
        rome,
        formacode,
        rncp: Some(rncp),
    }
}

const fn open(title: &'static str, objective: &'static str, rome: &'static [&'static str]) -> Training {
    Training {
        title,
        objective,
        rome,
        formacode: &[],
        rncp: None,
    }
}

const TRY: &str = "Découvrir les métiers en situation réelle et valider un projet";
const READY: &str = "Acquérir les bases du métier avant une formation qualifiante ou l'emploi";
const BASE: &str = "Renforcer les savoirs de base utiles au projet professionnel";

/// The trainings on offer.
pub(super) const TRAININGS: &[Training] = &[
    titled(
        "Employé commercial",
        "RNCP37099",
        &["D1507", "D1106", "D1505"],
        &[],
    ),
    titled("Conseiller de vente", "RNCP37098", &["D1106"], &[]),
    titled(
        "Assistant de vie aux familles",
        "RNCP37715",
        &["K1304", "K1302", "K1303"],
        &["44028", "42056"],
    ),
    titled(
        "Accompagnant éducatif et social",
        "RNCP36004",
        &["K1301", "K1302"],
        &["44028"],
    ),
    titled("Maçon", "RNCP35309", &["F1703"], &["22334"]),
    titled("Secrétaire comptable", "RNCP37123", &["M1607", "M1203"], &[]),
    titled("Secrétaire assistant", "RNCP36804", &["M1607", "M1602"], &[]),
    titled("Comptable assistant", "RNCP37121", &["M1203"], &[]),
    titled("Assistant de direction", "RNCP38667", &["M1604"], &[]),
    titled(
        "Technicien d'assistance en informatique",
        "RNCP37681",
        &["I1401"],
        &[],
    ),
    titled("Développeur web et web mobile", "RNCP37674", &["M1805"], &[]),
    open(
        "Découverte des métiers du bâtiment",
        TRY,
        &["F1703", "F1606", "F1602", "I1203"],
    ),
    open(
        "Découverte des métiers de l'industrie",
        TRY,
        &["H2913", "H2909", "H3302", "H2102"],
    ),
    open(
        "Découverte des métiers de la logistique et du transport",
        TRY,
        &["N1103", "N1101", "N1105", "N4105"],
    ),
    open(
        "Découverte des métiers de l'hôtellerie et de la restauration",
        TRY,
        &["G1602", "G1603", "G1803", "G1501"],
    ),
    open(
        "Préparation aux métiers du soin et de l'aide à la personne",
        READY,
        &["J1501", "J1301", "K1302"],
    ),
    open(
        "Préparation aux métiers du paysage et du maraîchage",
        READY,
        &["A1203", "A1414"],
    ),
    open(
        "Préparation aux métiers de la propreté",
        READY,
        &["K2204", "G1501"],
    ),
    open("Préparation aux métiers de la sécurité", READY, &["K2503"]),
    open("Préparation aux métiers de l'accueil", READY, &["M1601", "G1703"]),
    open("Construire son projet professionnel", TRY, &[]),
    open("Compétences de base et certificat CléA", BASE, &[]),
    open("Français à visée professionnelle", BASE, &[]),
    open("Compétences numériques pour l'emploi", BASE, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_tables_is_one() {
        for trade in TRADES {
            assert!(!trade.title.is_empty() && trade.code().to_string() == trade.rome);
        }
        for training in TRAININGS {
            training.certification();
            training.formacodes();
            let own = training.trades();
            assert!(
                training.rome.is_empty() || own.len() == training.rome.len(),
                "{}",
                training.title
            );
        }
    }
}
