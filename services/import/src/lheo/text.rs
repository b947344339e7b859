//! Plain text out of what producers put in text fields: text, HTML, HTML escaped once or twice, Word's leavings.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Escaped markup inside escaped markup: seen twice, never thrice in real files; one more costs nothing.
const LAYERS: usize = 3;

/// Paragraphs, list items and table rows end up on lines of their own, items behind a dash; there are no empty lines.
pub(super) fn plain(source: &str) -> String {
    let mut text = Cow::Borrowed(source);
    for _ in 0..LAYERS {
        match without_markup(&text) {
            Some(plainer) => text = Cow::Owned(plainer),
            None => break,
        }
    }
    text.lines()
        .map(one_line)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The same on one line, for names and titles.
pub(super) fn title(source: &str) -> String {
    one_line(&plain(source))
}

/// Control characters, leavings of a wrong encoding, go the way of spaces.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One layer of markup taken off; `None` if there is none. The tokenizer is the HTML standard's, so unclosed tags and
/// named references come out as in a browser; no tree is built, so no nesting is too deep.
fn without_markup(source: &str) -> Option<String> {
    if !source.contains(['<', '&']) {
        return None;
    }
    let source = escape_what_is_not_markup(source);
    if !source.has_markup {
        return None;
    }
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&source.text));
    let tokenizer = Tokenizer::new(Lines::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    Some(tokenizer.sink.text.into_inner())
}

struct Escaped {
    text: String,
    has_markup: bool,
}

/// « niveau <BAC & R&D » is not markup: a `<` counts only before the name of an HTML element or a comment, an `&` only
/// before a reference that ends with a semicolon.
fn escape_what_is_not_markup(source: &str) -> Escaped {
    let last_end = source.rfind('>').unwrap_or(0);
    let mut text = String::with_capacity(source.len() + 16);
    let mut has_markup = false;
    for (at, c) in source.char_indices() {
        let rest = &source[at + c.len_utf8()..];
        match c {
            '<' if at > last_end || !starts_tag(rest) => text.push_str("&lt;"),
            '&' if !starts_reference(rest) => text.push_str("&amp;"),
            _ => {
                has_markup |= c == '<' || c == '&';
                text.push(c);
            }
        }
    }
    Escaped { text, has_markup }
}

fn starts_tag(rest: &str) -> bool {
    if rest.starts_with("!--") || rest.starts_with("![") {
        return true;
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric() && c != ':')
        .unwrap_or(name.len());
    let (name, after) = name.split_at(end);
    let lower = name.to_ascii_lowercase();
    // Word's own elements have a prefix.
    let is_element = name.contains(':')
        || [BREAKING, IN_LINE, CELLS, UNSEEN]
            .iter()
            .any(|list| among(list, &lower));
    is_element && after.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace())
}

/// Named, or numbered in decimal or hexadecimal digits; no name in HTML is longer.
fn starts_reference(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let end = name
        .bytes()
        .take(32)
        .position(|byte| !byte.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name.as_bytes()[end] == b';')
}

/// The elements that producers' editors write: those around which a browser breaks the line,
const BREAKING: &str = "p div br ul ol li dl dt table thead tbody tfoot tr h1 h2 h3 h4 h5 h6 hr section article header \
    footer main nav aside figure figcaption blockquote pre center address caption form fieldset legend body html title";
/// those in the line,
const IN_LINE: &str = "a abbr acronym b big cite code col colgroup del em font i img ins kbd label mark q s samp small \
    span strike strong sub sup tt u var nobr wbr meta link iframe object embed video audio source input button select \
    option textarea svg path";
/// the cells of a table,
const CELLS: &str = "td th dd";
/// and those whose content nobody sees.
const UNSEEN: &str = "style script head xml";

fn among(elements: &str, name: &str) -> bool {
    elements.split_ascii_whitespace().any(|element| element == name)
}

/// What stands between the tags, with a line break where a browser would break.
#[derive(Default)]
struct Lines {
    text: RefCell<String>,
    unseen: Cell<bool>,
}

impl TokenSink for Lines {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut text = self.text.borrow_mut();
        match token {
            Token::CharacterTokens(characters) if !self.unseen.get() => text.push_str(&characters),
            Token::TagToken(tag) => {
                let opens = tag.kind == TagKind::StartTag;
                match &*tag.name {
                    name if among(UNSEEN, name) => self.unseen.set(opens && !tag.self_closing),
                    "li" if opens => text.push_str("\n- "),
                    name if among(BREAKING, name) => text.push('\n'),
                    name if among(CELLS, name) => text.push(' '),
                    _ => {}
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_markup_is_left_alone() {
        for text in [
            "Accueil",
            "R&D et niveau <BAC ou <CAP",
            "a < b > c",
            "tarif <150 €",
            "Q&R; suite",
            "C<->D",
            "<BAC> requis",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn html_becomes_lines_of_text() {
        assert_eq!(
            plain("<p>Savoir&nbsp;:</p><ul><li>lire,</li><li><b>é</b>crire.</li></ul>Et<br/>compter"),
            "Savoir :\n- lire,\n- écrire.\nEt\ncompter"
        );
        assert_eq!(
            plain("<table><tr><td>Lundi</td><td>Mardi</td></tr><tr><td>1</td></tr></table>"),
            "Lundi Mardi\n1"
        );
        assert_eq!(
            plain("<style>p { color: red }</style>Vu<!-- pas vu --><o:p></o:p>"),
            "Vu"
        );
    }

    #[test]
    fn html_escaped_twice_is_unescaped_twice() {
        assert_eq!(plain("&lt;p&gt;D&amp;eacute;couvrir&lt;/p&gt;"), "Découvrir");
        assert_eq!(plain("l&amp;#39;&amp;eacute;cole"), "l'école");
    }

    #[test]
    fn unclosed_and_nested_markup_costs_nothing() {
        assert_eq!(plain("<p>un<p>deux<b>trois"), "un\ndeuxtrois");
        assert_eq!(plain(&"<div>".repeat(200_000)), "");
    }

    #[test]
    fn a_title_stands_on_one_line() {
        assert_eq!(
            title("  CAP\n <b>cuisine</b><br>\tniveau&nbsp;3 "),
            "CAP cuisine niveau 3"
        );
    }
}
