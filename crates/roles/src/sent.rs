//! Roles and scopes as the API and forms name them. For every capability that takes them.
//! Must never happen: a scope that is understood to be wider than it was written.
use crate::{Wanted, told::Told};
use kernel::{OrganisationId, RoleId, Scope, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The word for a scope: `everything`, `customer:ID` or `site:ID`.
pub fn scope_word(scope: Scope) -> String {
    match scope {
        Scope::Everything => "everything".to_owned(),
        Scope::Customer(id) => format!("customer:{id}"),
        Scope::Site(id) => format!("site:{id}"),
    }
}

/// Back from the word. None: it is none.
pub fn read_scope(word: &str) -> Option<Scope> {
    if word == "everything" {
        return Some(Scope::Everything);
    }
    let (kind, id) = word.split_once(':')?;
    match kind {
        "customer" => id.parse().ok().map(Scope::Customer),
        "site" => id.parse().ok().map(Scope::Site),
        _ => None,
    }
}

/// A scope as it is sent: the word, or an object that names a customer or a site.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ScopeSent {
    /// `everything`, `customer:ID` or `site:ID`.
    Word(String),
    /// One customer.
    Customer(CustomerSent),
    /// One site.
    Site(SiteSent),
}

/// One customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerSent {
    /// Its id.
    #[serde(alias = "customer_id")]
    customer: uuid::Uuid,
}

/// One site.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteSent {
    /// Its id.
    #[serde(alias = "site_id")]
    site: uuid::Uuid,
}

impl ScopeSent {
    /// What is meant. None: it is no scope.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Self::Word(word) => read_scope(word),
            Self::Customer(sent) => Some(Scope::Customer(OrganisationId(sent.customer))),
            Self::Site(sent) => Some(Scope::Site(SiteId(sent.site))),
        }
    }
}

/// A role that is to be given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSent {
    /// The role.
    pub role_id: String,
    /// How far it goes; everything where it is not said.
    pub scope: Option<ScopeSent>,
}

impl GrantSent {
    /// What is wanted. None: the id or the scope is none.
    pub fn wanted(&self) -> Option<Wanted> {
        let role: RoleId = self.role_id.parse().ok()?;
        let scope = match &self.scope {
            None => Scope::Everything,
            Some(sent) => sent.scope()?,
        };
        Some(Wanted { role, scope })
    }
}

/// A role that somebody holds, as the API tells it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GrantItem {
    /// The role.
    role_id: uuid::Uuid,
    /// Its name.
    name: String,
    /// `everything`, `customer:ID` or `site:ID`.
    scope: String,
    /// The name of the customer or site.
    place: Option<String>,
    /// The group that it is held by; nothing where it is the person's own.
    group: Option<String>,
}

impl From<&Told> for GrantItem {
    fn from(told: &Told) -> Self {
        Self {
            role_id: told.grant.role.0,
            name: told.grant.name.clone(),
            scope: scope_word(told.grant.scope),
            place: told.place.clone(),
            group: told.grant.group.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01936d2c-5b7e-7000-8000-000000000000";

    #[test]
    fn a_word_and_its_scope_are_the_same_both_ways() {
        for word in ["everything".to_owned(), format!("customer:{ID}"), format!("site:{ID}")] {
            assert_eq!(read_scope(&word).map(scope_word), Some(word));
        }
        for word in [
            "",
            "all",
            "site",
            "site:",
            "site:1",
            "customer",
            "Everything",
            "group:1",
        ] {
            assert_eq!(read_scope(word), None, "{word}");
        }
    }

    #[test]
    fn a_scope_is_sent_as_a_word_or_as_an_object_and_nothing_else() {
        let read = |text: &str| {
            serde_json::from_str::<GrantSent>(text)
                .ok()
                .and_then(|sent| sent.wanted())
        };
        let role = format!("\"role_id\": \"{ID}\"");
        let scope = |text: &str| read(&format!("{{{role}{text}}}")).map(|wanted| scope_word(wanted.scope));
        assert_eq!(scope("").as_deref(), Some("everything"));
        assert_eq!(scope(", \"scope\": null").as_deref(), Some("everything"));
        assert_eq!(
            scope(&format!(", \"scope\": \"site:{ID}\"")),
            Some(format!("site:{ID}"))
        );
        assert_eq!(
            scope(&format!(", \"scope\": {{\"site\": \"{ID}\"}}")),
            Some(format!("site:{ID}"))
        );
        assert_eq!(
            scope(&format!(", \"scope\": {{\"customer\": \"{ID}\"}}")),
            Some(format!("customer:{ID}"))
        );
        for wrong in [
            ", \"scope\": {}",
            ", \"scope\": []",
            ", \"scope\": 1",
            ", \"scope\": \"\"",
            ", \"more\": 1",
        ] {
            assert_eq!(scope(wrong), None, "{wrong}");
        }
        let both = format!(", \"scope\": {{\"site\": \"{ID}\", \"customer\": \"{ID}\"}}");
        assert_eq!(scope(&both), None);
    }
}
