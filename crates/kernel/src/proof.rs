//! What somebody can prove themselves with, and what a session has proved. Pure words: small sets with names that are stored and told.
//! Must never happen: a mail counted as a second factor; a word from the store that is taken for more than it says.

/// A kind of authenticator beside the password (NIST SP 800-63B-4, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthenticatorKind {
    /// An authenticator app: time-based codes (RFC 6238).
    App,
    /// A phone that gets codes by text message.
    Phone,
    /// A passkey (WebAuthn).
    Passkey,
    /// Recovery codes on paper: they help a lost factor, and are none alone.
    RecoveryCodes,
}

impl AuthenticatorKind {
    /// Every kind, strongest first.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::App, Self::Phone, Self::RecoveryCodes];

    /// The word in the store and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "totp",
            Self::Phone => "phone",
            Self::Passkey => "passkey",
            Self::RecoveryCodes => "recovery-codes",
        }
    }
    /// In words, as a page says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::App => "Authenticator app",
            Self::Phone => "Text message",
            Self::Passkey => "Passkey",
            Self::RecoveryCodes => "Recovery codes",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    /// What a session has proved after this kind was used.
    pub const fn method(self) -> Method {
        match self {
            Self::App => Method::App,
            Self::Phone => Method::Text,
            Self::Passkey => Method::Passkey,
            Self::RecoveryCodes => Method::RecoveryCode,
        }
    }
    const fn bit(self) -> i64 {
        match self {
            Self::App => 1,
            Self::Phone => 2,
            Self::Passkey => 4,
            Self::RecoveryCodes => 8,
        }
    }
}

/// A set of kinds of authenticators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kinds(i64);

impl Kinds {
    /// None.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(15);

    /// From the stored bits; unknown ones are left out.
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits & Self::ALL.0)
    }
    /// The bits for the store.
    pub const fn bits(self) -> i64 {
        self.0
    }
    /// With this kind.
    #[must_use]
    pub const fn with(self, kind: AuthenticatorKind) -> Self {
        Self(self.0 | kind.bit())
    }
    /// Without this kind.
    #[must_use]
    pub const fn without(self, kind: AuthenticatorKind) -> Self {
        Self(self.0 & !kind.bit())
    }
    /// Whether this kind is among them.
    pub const fn contains(self, kind: AuthenticatorKind) -> bool {
        self.0 & kind.bit() != 0
    }
    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether there is a second factor: recovery codes alone are none.
    pub const fn has_factor(self) -> bool {
        self.0 & (Self::ALL.0 & !AuthenticatorKind::RecoveryCodes.bit()) != 0
    }
    /// The kinds, strongest first.
    pub fn iter(self) -> impl Iterator<Item = AuthenticatorKind> {
        AuthenticatorKind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<AuthenticatorKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = AuthenticatorKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

/// One way in which somebody proved themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// The password.
    Password,
    /// A code of an authenticator app.
    App,
    /// A code of a text message.
    Text,
    /// A passkey with user verification.
    Passkey,
    /// A recovery code.
    RecoveryCode,
    /// A link or code by mail: never a factor.
    Mail,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::App,
        Self::Text,
        Self::Passkey,
        Self::RecoveryCode,
        Self::Mail,
    ];
    /// The word in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::App => "otp",
            Self::Text => "sms",
            Self::Passkey => "hwk",
            Self::RecoveryCode => "rc",
            Self::Mail => "mail",
        }
    }
    const fn bit(self) -> u8 {
        match self {
            Self::Password => 1,
            Self::App => 2,
            Self::Text => 4,
            Self::Passkey => 8,
            Self::RecoveryCode => 16,
            Self::Mail => 32,
        }
    }
}

/// All that was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Methods(u8);

impl Methods {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Only this.
    pub const fn only(method: Method) -> Self {
        Self(method.bit())
    }
    /// With this, too.
    #[must_use]
    pub const fn with(self, method: Method) -> Self {
        Self(self.0 | method.bit())
    }
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Whether this is among them.
    pub const fn contains(self, method: Method) -> bool {
        self.0 & method.bit() != 0
    }
    /// Whether nothing was proved.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether a second factor is among them.
    pub const fn has_second_factor(self) -> bool {
        self.contains(Method::App)
            || self.contains(Method::Text)
            || self.contains(Method::Passkey)
            || self.contains(Method::RecoveryCode)
    }
    /// Whether a phishing-resistant factor is among them.
    pub const fn is_phishing_resistant(self) -> bool {
        self.contains(Method::Passkey)
    }
    /// The words in the store, such as `pwd otp`.
    pub fn text(self) -> String {
        let words: Vec<&str> = Method::ALL
            .iter()
            .filter(|method| self.contains(**method))
            .map(|method| method.name())
            .collect();
        words.join(" ")
    }
    /// Back from the words; unknown ones are left out.
    pub fn from_text(text: &str) -> Self {
        let find = |word: &str| Method::ALL.into_iter().find(|method| method.name() == word);
        text.split(' ').filter_map(find).fold(Self::NONE, Self::with)
    }
    /// The authentication methods references of a token (RFC 8176, section 2).
    pub fn amr(self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = [
            (Method::Password, "pwd"),
            (Method::App, "otp"),
            (Method::Text, "sms"),
            (Method::Passkey, "hwk"),
            (Method::RecoveryCode, "otp"),
        ]
        .into_iter()
        .filter(|(method, _)| self.contains(*method))
        .map(|(_, name)| name)
        .collect();
        names.dedup();
        if self.contains(Method::Passkey) {
            names.push("user");
        }
        if self.contains(Method::Passkey) || (self.contains(Method::Password) && self.has_second_factor()) {
            names.push("mfa");
        }
        names
    }
}

/// How freshly, and with what, somebody has to have proved themselves before something delicate. Fresh is within 15 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Freshness {
    /// With anything.
    Any,
    /// With a second factor, where the person has one.
    Factor,
    /// With a passkey.
    PhishingResistant,
}

impl Freshness {
    /// The word in the route list.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Factor => "factor",
            Self::PhishingResistant => "phishing-resistant",
        }
    }
    /// Whether what was freshly proved is enough for a person who has these authenticators.
    pub const fn is_met(self, fresh: Methods, has: Kinds) -> bool {
        match self {
            Self::Factor if has.has_factor() => fresh.has_second_factor(),
            Self::Any | Self::Factor => fresh.contains(Method::Password) || fresh.has_second_factor(),
            Self::PhishingResistant => fresh.is_phishing_resistant(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_come_back_from_their_words_and_unknown_words_prove_nothing() {
        let all = Method::ALL.into_iter().fold(Methods::NONE, Methods::with);
        assert_eq!(Methods::from_text(&all.text()), all);
        assert_eq!(Methods::from_text("pwd otp").text(), "pwd otp");
        assert!(Methods::from_text("").is_empty());
        assert!(Methods::from_text("mfa admin PWD").is_empty());
    }

    #[test]
    fn a_mail_is_never_a_second_factor_and_recovery_codes_alone_are_none() {
        assert!(!Methods::only(Method::Password).with(Method::Mail).has_second_factor());
        assert!(!Kinds::NONE.with(AuthenticatorKind::RecoveryCodes).has_factor());
        assert!(Kinds::NONE.with(AuthenticatorKind::App).has_factor());
        assert_eq!(Kinds::from_bits(i64::MAX), Kinds::ALL);
    }

    #[test]
    fn amr_says_mfa_only_for_two_factors() {
        assert_eq!(Methods::from_text("pwd").amr(), ["pwd"]);
        assert_eq!(Methods::from_text("pwd otp").amr(), ["pwd", "otp", "mfa"]);
        assert_eq!(Methods::from_text("hwk").amr(), ["hwk", "user", "mfa"]);
        assert_eq!(Methods::from_text("otp").amr(), ["otp"]);
    }

    #[test]
    fn freshness_asks_for_what_the_person_has() {
        let (pwd, otp, key) = (
            Methods::from_text("pwd"),
            Methods::from_text("otp"),
            Methods::from_text("hwk"),
        );
        let app = Kinds::NONE.with(AuthenticatorKind::App);
        assert!(Freshness::Any.is_met(pwd, app));
        assert!(!Freshness::Any.is_met(Methods::NONE, Kinds::NONE));
        assert!(!Freshness::Any.is_met(Methods::only(Method::Mail), Kinds::NONE));
        assert!(Freshness::Factor.is_met(pwd, Kinds::NONE));
        assert!(!Freshness::Factor.is_met(pwd, app));
        assert!(Freshness::Factor.is_met(otp, app));
        assert!(!Freshness::PhishingResistant.is_met(otp, app));
        assert!(Freshness::PhishingResistant.is_met(key, app));
    }
}
