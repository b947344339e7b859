//! Sessions one after the other, as formations with their actions.

use chrono::{DateTime, SecondsFormat, Utc};
use parcours_projections::catalogue::{Held, OfferCard, OperatorCard};
use uuid::Uuid;

use super::xml::Xml;
use super::{NAMESPACE, body, formation, session};

/// What is written of a document and not taken yet. Sessions come in an order in which those of one training are side by
/// side, and of these those of one place and one way of entry.
pub(super) struct Sheet {
    xml: Xml,
    open: Option<Open>,
    any: bool,
}

/// The formation that is not ended yet. What it says is what the first of its sessions came with.
struct Open {
    offer: OfferCard,
    operator: Option<OperatorCard>,
    stream: Option<Uuid>,
    /// The place and the way of entry of its open action.
    action: (String, String),
}

impl Sheet {
    pub(super) fn begin(now: DateTime<Utc>) -> Self {
        let mut xml = Xml::begin();
        let now = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        xml.open("lheo", &[("xmlns", NAMESPACE), ("horodatage-export", &now)]);
        xml.open("offres", &[]);
        Sheet {
            xml,
            open: None,
            any: false,
        }
    }

    pub(super) fn add(&mut self, held: &Held) {
        let listed = &held.listed;
        let Some(offer) = &listed.offer else { return };
        self.any = true;
        let action = (listed.commune.code.clone(), listed.entry.clone());
        match &mut self.open {
            Some(open) if open.offer.offer == offer.offer => {
                if open.action != action {
                    formation::end_action(&mut self.xml, &open.offer);
                    formation::begin_action(&mut self.xml, &open.offer, listed);
                    open.action = action;
                }
            }
            _ => {
                self.end_formation();
                formation::begin(&mut self.xml, offer, listed.operator.as_ref());
                formation::begin_action(&mut self.xml, offer, listed);
                self.open = Some(Open {
                    offer: offer.clone(),
                    operator: listed.operator.clone(),
                    stream: held.operator,
                    action,
                });
            }
        }
        session::write(&mut self.xml, listed);
    }

    pub(super) fn end(&mut self) {
        self.end_formation();
        self.xml.close("offres");
        self.xml.close("lheo");
    }

    fn end_formation(&mut self) {
        let Some(open) = self.open.take() else { return };
        formation::end_action(&mut self.xml, &open.offer);
        body::write(&mut self.xml, open.operator.as_ref(), open.stream);
        formation::end(&mut self.xml, &open.offer);
    }

    /// Whether there is no session in the document so far.
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    /// What is written since it was last taken.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.xml.take()
    }
}
