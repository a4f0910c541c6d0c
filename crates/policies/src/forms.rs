//! The forms of the page "Policies": one for each group of values, and how each is shown again.
//! Must never happen: a field of another group that is changed along; something typed that is lost when it is asked once more.
use crate::page::Shown;
use ground::form::is_ticked;
use kernel::AuthenticatorKind;
use organisations::{
    Change, DeviceChange, FactorChange, Given, NetworkChange, PasswordChange, SessionChange, TextChange,
};
use serde::{Deserialize, Serialize};

/// A form of one group: what it changes, and how it is shown again when something in it was refused.
pub(crate) trait Group: for<'de> Deserialize<'de> + Serialize + Send + 'static {
    /// The change that it asks for.
    fn change(&self) -> Change;
    /// Whom it stops has been seen.
    fn is_sure(&self) -> bool;
    /// Puts what was typed where the page shows it.
    fn show(self, shown: &mut Shown);
}

/// What was sent, a pair for each field, to be sent once more.
pub(crate) fn sent(form: &impl Serialize) -> Vec<(String, String)> {
    let text = serde_urlencoded::to_string(form).unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&text).unwrap_or_default();
    pairs.into_iter().filter(|(name, _)| name != "sure").collect()
}

/// An empty field gives the value back: the default holds. What is no number is out of every range.
fn number(typed: &str) -> Given<i64> {
    match typed.trim() {
        "" => Given::Unset,
        typed => Given::Set(typed.parse().unwrap_or(-1)),
    }
}

fn choice(chosen: &str) -> Given<String> {
    if chosen.is_empty() {
        Given::Unset
    } else {
        Given::Set(chosen.to_owned())
    }
}

/// Entries with spaces, commas or line breaks between them.
fn list(typed: &str) -> Given<Vec<String>> {
    let entries = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let entries: Vec<String> = entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
    if entries.is_empty() {
        Given::Unset
    } else {
        Given::Set(entries)
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FactorForm {
    sure: Option<String>,
    #[serde(rename = "factors.require")]
    require: String,
    #[serde(rename = "factors.grace_hours")]
    grace_hours: String,
    passkey: Option<String>,
    totp: Option<String>,
    phone: Option<String>,
    #[serde(rename = "recovery-codes")]
    recovery_codes: Option<String>,
    #[serde(rename = "factors.aaguids")]
    aaguids: String,
}

impl FactorForm {
    fn kinds(&self) -> Vec<AuthenticatorKind> {
        let boxes = [
            (AuthenticatorKind::Passkey, &self.passkey),
            (AuthenticatorKind::App, &self.totp),
            (AuthenticatorKind::Phone, &self.phone),
            (AuthenticatorKind::RecoveryCodes, &self.recovery_codes),
        ];
        boxes
            .into_iter()
            .filter(|(_, sent)| is_ticked(sent.as_deref()))
            .map(|(kind, _)| kind)
            .collect()
    }
}

impl Group for FactorForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let kinds = self.kinds();
        let is_all = kinds.len() == AuthenticatorKind::ALL.len();
        let names = kinds.into_iter().map(|kind| kind.name().to_owned()).collect();
        let factors = FactorChange {
            require: choice(&self.require),
            grace_hours: number(&self.grace_hours),
            allowed: if is_all { Given::Unset } else { Given::Set(names) },
            aaguids: list(&self.aaguids),
        };
        Change {
            factors,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.kinds = self.kinds().into_iter().collect();
        (shown.require, shown.grace_hours, shown.aaguids) = (self.require, self.grace_hours, self.aaguids);
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeviceForm {
    sure: Option<String>,
    #[serde(rename = "devices.mode")]
    mode: String,
    #[serde(rename = "devices.trust_days")]
    trust_days: String,
    #[serde(rename = "devices.limit")]
    limit: String,
}

impl Group for DeviceForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let devices = DeviceChange {
            mode: choice(&self.mode),
            trust_days: number(&self.trust_days),
            limit: number(&self.limit),
        };
        Change {
            devices,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.mode, shown.trust_days, shown.limit) = (self.mode, self.trust_days, self.limit);
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionForm {
    sure: Option<String>,
    #[serde(rename = "sessions.lock_minutes")]
    lock_minutes: String,
    #[serde(rename = "sessions.end_minutes")]
    end_minutes: String,
}

impl Group for SessionForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let sessions = SessionChange {
            lock_minutes: number(&self.lock_minutes),
            end_minutes: number(&self.end_minutes),
        };
        Change {
            sessions,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.lock_minutes, shown.end_minutes) = (self.lock_minutes, self.end_minutes);
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkForm {
    sure: Option<String>,
    #[serde(rename = "networks.people")]
    people: String,
    #[serde(rename = "networks.agents")]
    agents: String,
}

impl Group for NetworkForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let networks = NetworkChange {
            people: list(&self.people),
            agents: list(&self.agents),
        };
        Change {
            networks,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.people, shown.agents) = (self.people, self.agents);
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordForm {
    sure: Option<String>,
    #[serde(rename = "passwords.min_length")]
    min_length: String,
}

impl Group for PasswordForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let passwords = PasswordChange {
            min_length: number(&self.min_length),
        };
        Change {
            passwords,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.min_length = self.min_length;
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TextForm {
    sure: Option<String>,
    #[serde(rename = "sms.allowed")]
    allowed: Option<String>,
    #[serde(rename = "sms.countries")]
    countries: String,
}

impl Group for TextForm {
    fn is_sure(&self) -> bool {
        is_ticked(self.sure.as_deref())
    }
    fn change(&self) -> Change {
        let is_allowed = is_ticked(self.allowed.as_deref());
        let sms = TextChange {
            allowed: if is_allowed { Given::Unset } else { Given::Set(false) },
            countries: list(&self.countries),
        };
        Change {
            sms,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.sms_allowed = is_ticked(self.allowed.as_deref());
        shown.countries = self.countries;
    }
}
