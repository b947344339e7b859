//! What a client would like to be answered: `Accept` and `Accept-Language` (RFC 9110, section 12.5).

use axum::http::{HeaderMap, HeaderName, header};

/// The first of `offers` (media types, the preferred one first) that the client likes best; the first of all if it
/// says nothing; `None` if it accepts none of them.
pub fn media<'a>(headers: &HeaderMap, offers: &[&'a str]) -> Option<&'a str> {
    let wishes = wishes(headers, &header::ACCEPT);
    if wishes.is_empty() {
        return offers.first().copied();
    }
    let liking = |offer: &str| {
        let range = format!("{}/*", offer.split('/').next().unwrap_or_default());
        // The most specific wish decides, whatever the others say.
        [offer, &range, "*/*"]
            .iter()
            .find_map(|name| wishes.iter().find(|wish| wish.0 == *name))
            .map_or(0, |wish| wish.1)
    };
    let mut best: Option<(&str, u16)> = None;
    for offer in offers {
        let liked = liking(offer);
        if liked > best.map_or(0, |(_, liked)| liked) {
            best = Some((offer, liked));
        }
    }
    best.map(|(offer, _)| offer)
}

/// Whether the client would rather read French than English.
pub fn prefers_french(headers: &HeaderMap) -> bool {
    let wishes = wishes(headers, &header::ACCEPT_LANGUAGE);
    let liking = |language: &str| {
        let named = |(name, _): &&(String, u16)| name.split('-').next() == Some(language);
        wishes.iter().filter(named).map(|(_, liked)| *liked).max()
    };
    let others = wishes
        .iter()
        .find(|(name, _)| name == "*")
        .map_or(0, |(_, liked)| *liked);
    liking("fr").unwrap_or(0) > liking("en").unwrap_or(others)
}

/// What a header lists, in lower case, with the weight of each in thousandths. What cannot be read counts for nothing.
fn wishes(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let items = values
        .flat_map(|value| value.split(','))
        .filter(|item| !item.trim().is_empty());
    items
        .map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight
                .map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0))
                .clamp(0.0, 1.0);
            (name, (weight * 1000.0) as u16)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: [&str; 2] = ["application/json", "text/csv"];

    fn asked(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_client_without_wishes_gets_the_first_offer() {
        assert_eq!(media(&HeaderMap::new(), &OFFERS), Some("application/json"));
        assert_eq!(
            media(&asked(header::ACCEPT, "*/*"), &OFFERS),
            Some("application/json")
        );
    }

    #[test]
    fn the_best_liked_offer_wins() {
        assert_eq!(
            media(&asked(header::ACCEPT, "text/csv"), &OFFERS),
            Some("text/csv")
        );
        assert_eq!(
            media(&asked(header::ACCEPT, "application/json;q=0.5, text/*"), &OFFERS),
            Some("text/csv")
        );
        assert_eq!(
            media(&asked(header::ACCEPT, "*/*, text/csv;q=0"), &OFFERS),
            Some("application/json")
        );
    }

    #[test]
    fn a_client_that_accepts_no_offer_gets_none() {
        assert_eq!(media(&asked(header::ACCEPT, "image/png"), &OFFERS), None);
        assert_eq!(
            media(&asked(header::ACCEPT, "application/json;q=0"), &OFFERS),
            None
        );
    }

    #[test]
    fn french_is_spoken_to_those_who_prefer_it() {
        for (wish, french) in [
            ("fr", true),
            ("fr-FR,fr;q=0.9,en;q=0.8", true),
            ("en,fr;q=0.5", false),
            ("de", false),
            ("de,*;q=0.5", false),
        ] {
            assert_eq!(
                prefers_french(&asked(header::ACCEPT_LANGUAGE, wish)),
                french,
                "{wish}"
            );
        }
        assert!(!prefers_french(&HeaderMap::new()));
    }
}
