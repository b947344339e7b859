//! What is wrong with an event that is not one.

/// An event that could not be read, with what its sender needs to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Malformed {
    /// The event's `id`, where it could be read.
    pub id: Option<String>,
    /// The attribute, or the path inside `data`.
    pub field: Option<String>,
    /// A stable word for programs.
    pub code: &'static str,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl Malformed {
    pub(crate) fn new(
        code: &'static str,
        field: impl Into<Option<&'static str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            id: None,
            field: field.into().map(str::to_owned),
            code,
            detail: detail.into(),
        }
    }
}
