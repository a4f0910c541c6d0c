//! Why something was refused or allowed. One append-only list: pages, problems, logs, the doctor, translations and docs/reasons.md key on its ids.
//! An id is never reused and never changes its meaning.

macro_rules! reasons {
    ($($name:ident = $id:literal { person: $person:literal, admin: $admin:literal, next: $next:literal })+) => {
        /// A reason with a stable id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $(#[doc = $admin] $name),+ }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The stable id, such as `SI-001`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }
            /// The sentence for the person.
            pub const fn person(self) -> &'static str {
                match self { $(Self::$name => $person),+ }
            }
            /// The sentence for the administrator.
            pub const fn admin(self) -> &'static str {
                match self { $(Self::$name => $admin),+ }
            }
            /// What to do next; may be empty where the sentence says it.
            pub const fn next(self) -> &'static str {
                match self { $(Self::$name => $next),+ }
            }
            /// Back from the id.
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.id() == id)
            }
        }
    };
}

reasons! {
    SignInWrong = "SI-001" { person: "The e-mail address and the password do not match.", admin: "Wrong password, or no such address.", next: "Check both and try again. Passwords tell capital and small letters apart." }
    SignInNoCookie = "SI-002" { person: "Your browser sent no cookie back, so we cannot sign you in.", admin: "The sign-in form came without any cookie of ours.", next: "Allow cookies for this address and try again." }
    SignInLockedDevice = "SI-003" { person: "Too many wrong passwords from this device.", admin: "Known device locked after 10 failures.", next: "Wait until the time below, then try again, or ask your administrator to unlock you." }
    SignInLockedStranger = "SI-004" { person: "The e-mail address and the password do not match.", admin: "The address is locked for devices that never signed in as this person.", next: "" }
    SignInLockedNetwork = "SI-005" { person: "Too many failed sign-ins from your network.", admin: "The network is locked for strangers after 60 failures in 15 minutes.", next: "Wait until the time below, then try again." }
    SignInShut = "SI-006" { person: "The e-mail address and the password do not match.", admin: "100 failures of strangers: the password is shut for them until another way in is used.", next: "" }
    SignInDisabled = "SI-007" { person: "The e-mail address and the password do not match.", admin: "The person is disabled.", next: "" }
    SignInBusy = "SI-008" { person: "Very many people are signing in at this moment.", admin: "The hashing queue is full.", next: "Wait a few seconds and try again; nothing was lost." }
    SignInAllowed = "SI-009" { person: "You are signed in.", admin: "Password right, nothing else required by policy.", next: "" }
    SignInMoved = "SI-010" { person: "Something changed while you were signing in.", admin: "The password, the lane or the person changed between the check and the commit.", next: "Try again." }
    SignInFieldMissing = "SI-011" { person: "Fill in this field.", admin: "A required field was empty.", next: "" }
    SignInTriesLeft = "SI-012" { person: "The e-mail address and the password do not match.", admin: "Wrong password from a known device; tries are left.", next: "Check the password and try again." }
    SignInStaleFlow = "SI-013" { person: "This page was open for a long time.", admin: "The sealed flow had ended or could not be opened.", next: "Sign in again; your address is kept." }

    SetupLinkDead = "SU-001" { person: "This link does not work.", admin: "The set-up link was unknown, ended or used.", next: "Run `doorward setup-link` for a new one." }
    SetupClosed = "SU-002" { person: "There is nothing here.", admin: "Set-up is closed: there has been an owner.", next: "" }
    SetupEmailTaken = "SU-003" { person: "This address, or one that looks the same, already has an account.", admin: "Duplicate by canonical form or by UTS 39 skeleton.", next: "Use another address." }

    EmailInvalid = "PE-001" { person: "This is not an e-mail address.", admin: "The address could not be brought into canonical form.", next: "Write it like name@example.org." }
    NameInvalid = "PE-002" { person: "Write a name of 1 to 100 characters, without line breaks.", admin: "The name was empty, too long, or had control characters.", next: "" }
    OrganisationNameInvalid = "PE-003" { person: "Write a name of 1 to 100 characters, without line breaks.", admin: "The organisation's name was empty, too long, or had control characters.", next: "" }
    LanguageUnknown = "PE-004" { person: "We do not write this language yet.", admin: "The language tag was malformed, or of a language without words.", next: "Choose English, German, French, Spanish or Dutch." }

    PasswordShort = "PW-001" { person: "The password is too short: use at least 15 characters.", admin: "Shorter than the minimum without a second factor.", next: "Four unrelated words do well." }
    PasswordLong = "PW-002" { person: "The password is too long: use at most 128 characters.", admin: "Longer than 128 characters.", next: "" }
    PasswordCommon = "PW-003" { person: "This password is on a list of passwords that attackers try first.", admin: "Found in the list of breached passwords.", next: "Choose another one." }
    PasswordContext = "PW-004" { person: "The password is little more than your name, your address or the organisation's name.", admin: "Built from context words.", next: "Choose words that have nothing to do with you or your organisation." }
    PasswordWeak = "PW-005" { person: "This password can be guessed quickly.", admin: "zxcvbn finds fewer than 10^10 guesses.", next: "Avoid rows of keys, dates and repeated words; four unrelated words do well." }
    PasswordCurrentWrong = "PW-006" { person: "The current password is not right.", admin: "Wrong current password at a change.", next: "Check it and try again." }
    PasswordSame = "PW-007" { person: "The new password is the same as the current one.", admin: "New password equals the current one.", next: "Choose another one." }
    PasswordCharacters = "PW-008" { person: "The password has a character that cannot be used.", admin: "The password had a NUL or was not text.", next: "" }
    PasswordWrong = "PW-009" { person: "The password is not right.", admin: "Wrong password at unlock.", next: "Check it and try again." }

    RecoveryLinkDead = "RC-001" { person: "This link does not work any more: it was used, has ended, or was replaced.", admin: "The reset link was unknown, ended, used, or void after another reset or a change.", next: "Ask for a new one below." }
    RecoveryCodeWrong = "RC-002" { person: "This code is not right, or it does not work any more.", admin: "Wrong code, another browser, or more than five tries.", next: "Check it, use the link in the mail instead, or ask for a new mail." }
    RecoveryTooOften = "RC-003" { person: "Too many mails were asked for from your network.", admin: "More than 20 questions of one network in an hour.", next: "Wait until the time below, then try again." }
    RecoveryLimit = "RC-004" { person: "The mails that were sent before are still good.", admin: "Three links of strangers are alive, or five mails went out in an hour: nothing more was sent.", next: "Look for the latest of them, also in the spam folder." }
    RecoveryDone = "RC-005" { person: "Your new password is set.", admin: "The link or the code was spent.", next: "Sign in with it." }
    RecoveryOtherBrowser = "RC-006" { person: "The code works only in the browser that asked for it.", admin: "No reset was asked for in this browser.", next: "Open the link in the mail, or ask for a new mail here." }
    EmailLinkDead = "RC-007" { person: "This link does not work any more: it was used, has ended, or was replaced.", admin: "The link to confirm or undo a change of address was unknown, ended or void.", next: "Ask for the change again in My security." }
    EmailTaken = "RC-008" { person: "This address cannot be used here.", admin: "The address, or one that looks the same, has an account.", next: "Use another address." }
    EmailSame = "RC-009" { person: "This is your address already.", admin: "The new address equals the old one.", next: "" }
    AlarmLinkDead = "RC-010" { person: "This link does not work any more.", admin: "The link of a notice was used or has ended.", next: "If something looks wrong, use “Forgot password?” and set a new one." }
    EmailTooOften = "RC-011" { person: "You asked for too many changes of address in the last hour.", admin: "More than five changes of address of one person in an hour: no mail was sent.", next: "Look for the mails that were sent, or wait an hour." }

    SessionNone = "SE-001" { person: "You are not signed in.", admin: "No session cookie that verifies.", next: "Sign in to go on." }
    SessionIdle = "SE-002" { person: "You were away for a while, so we locked this session.", admin: "Idle longer than the policy allows.", next: "Enter your password to go on where you were." }
    SessionOver = "SE-003" { person: "Your session reached its end.", admin: "Absolute end of the session.", next: "Sign in again." }
    SessionSignedOut = "SE-004" { person: "This session was signed out.", admin: "Signed out by the person, an administrator or the operator.", next: "Sign in again." }
    SessionTooManyFailures = "SE-005" { person: "Too many wrong passwords at unlock, so this session ended.", admin: "5 failures at unlock.", next: "Sign in again." }
    SessionTwoPeople = "SE-006" { person: "Two people are signed in in this browser, so neither counts.", admin: "Two session cookies verified for different people.", next: "Sign in again." }
    SessionRestored = "SE-007" { person: "The server was restored from a backup, so every session ended.", admin: "The session is of an earlier epoch of the deployment.", next: "Sign in again." }
    SessionPersonGone = "SE-008" { person: "You are not signed in.", admin: "The person is disabled or removed.", next: "Sign in to go on." }
    SessionShared = "SE-009" { person: "On a shared device a session ends after 15 minutes without use.", admin: "Shared device: idle end.", next: "Sign in again." }
    SessionPasswordChanged = "SE-010" { person: "The password was changed on another device, so this session ended.", admin: "The password was changed.", next: "Sign in with the new password." }
    SessionPasswordReset = "SE-011" { person: "A new password was set by mail, so this session ended.", admin: "The password was reset.", next: "Sign in with the new password." }
    SessionEmailChanged = "SE-013" { person: "Your e-mail address was changed, so this session ended.", admin: "The address was changed and confirmed.", next: "Sign in with the new address." }
    SessionAlarm = "SE-012" { person: "Somebody said that this was not them, so every session ended.", admin: "The link of a notice was used.", next: "Set a new password by the mail that was sent." }

    AccessGranted = "AZ-001" { person: "Allowed by your role.", admin: "A role that the person holds grants it.", next: "" }
    AccessOwn = "AZ-002" { person: "This is your own.", admin: "Everyone may see and change their own account.", next: "" }
    AccessMissing = "AZ-003" { person: "Your role does not allow this.", admin: "No role that the person holds grants it.", next: "Ask an owner of your organisation." }

    RequestCrossSite = "HT-001" { person: "This request came from another site, so it was not carried out.", admin: "Sec-Fetch-Site or Origin shows another site, or neither header was there.", next: "Open Doorward itself and try again." }
    RequestUnknownHost = "HT-002" { person: "This is not the address of this server.", admin: "The request names another host than the configured one.", next: "Use the address below." }
    RequestNotFound = "HT-003" { person: "There is nothing at this address.", admin: "No such route or object, or not yours to see.", next: "Check the address, or start from Home." }
    RequestMethod = "HT-004" { person: "This address does not take this kind of request.", admin: "Method not allowed.", next: "" }
    RequestTooLarge = "HT-005" { person: "That is more than this server takes at once.", admin: "Body over the limit of the route.", next: "Send less." }
    RequestMalformed = "HT-006" { person: "The request could not be understood.", admin: "A field is missing, doubled, of the wrong type or unknown.", next: "Check what was sent." }
    ServerFault = "HT-007" { person: "Something went wrong on our side.", admin: "An error of the server; see its log by the request id.", next: "Try again in a moment. If it stays, tell your administrator the number below." }
    ServerBusy = "HT-008" { person: "The server has more work than it can take at this moment.", admin: "A bounded queue was full.", next: "Wait a few seconds and try again; nothing was lost." }
    StoreAway = "HT-009" { person: "The server cannot reach its database at this moment.", admin: "The store is away, or has stopped writing after an I/O error.", next: "Wait a little and try again; nothing was lost." }
    RequestRefused = "HT-010" { person: "Something in the form needs another look.", admin: "One or more fields were refused.", next: "The fields concerned are marked." }
    LogoInvalid = "HT-011" { person: "The logo must be a PNG, JPEG or WebP picture of at most 64 KB.", admin: "The uploaded file is of another kind or too large.", next: "" }
    ContactInvalid = "HT-012" { person: "Write at most 200 characters, without line breaks.", admin: "The contact text was too long or had control characters.", next: "" }
    RequestTooSlow = "HT-013" { person: "The request took too long to arrive.", admin: "The body was not complete in time.", next: "Try again; if your connection is slow, send less at once." }

    TestTooOften = "ML-001" { person: "Enough test messages were sent in the last hour.", admin: "More than ten test messages of one person, or thirty of one organisation, in an hour: nothing was sent.", next: "Look at those that are listed under Messages, or wait until the time below." }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_of_the_agreed_shape() {
        let mut seen = HashSet::new();
        for reason in Reason::ALL {
            let id = reason.id();
            assert!(seen.insert(id), "{id} stands twice");
            let (area, number) = id.split_once('-').expect("AREA-000");
            assert!(area.len() == 2 && area.chars().all(|c| c.is_ascii_uppercase()), "{id}");
            assert!(number.len() == 3 && number.chars().all(|c| c.is_ascii_digit()), "{id}");
            assert!(
                !reason.person().is_empty() && !reason.admin().is_empty(),
                "{id} says nothing"
            );
            assert_eq!(Reason::from_id(id), Some(*reason));
        }
    }
}
