//! Why something was refused or allowed. One append-only list: pages, problems, logs, the doctor, translations and docs/reasons.md key on its ids.
//! An id is never reused and never changes its meaning.

macro_rules! reasons {
    ($($name:ident = $id:literal { person: $person:literal, admin: $admin:literal, next: $next:literal })+) => {
        /// A reason with a stable id.
        #[expect(clippy::doc_markdown, reason = "the sentences are for people, and some name a policy's key")]
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
    SignInTooManyCodes = "SI-014" { person: "Too many wrong codes, so this sign-in ended.", admin: "5 wrong codes ended a sign-in under way.", next: "Sign in again, or use another of your ways." }
    SignInUnfinished = "SI-015" { person: "Somebody gave the right password and then went no further.", admin: "The first factor was right; the sign-in was not gone through with in ten minutes.", next: "If that was not you, change your password." }
    SignInMailWrong = "SI-016" { person: "This is not the code from the latest mail.", admin: "Wrong, spent or replaced code of the mail before a first second factor.", next: "Check it, or ask for a new mail." }
    SignInMailSoon = "SI-017" { person: "A mail was sent a moment ago.", admin: "Another mail was asked for within 30 seconds, or more than five in one sign-in.", next: "Look for it, also in the spam folder; then ask again." }
    SignInDeviceWaits = "SI-018" { person: "Your organisation lets in only devices that an administrator has allowed.", admin: "The policy lets in approved devices only, and this one is not.", next: "Ask your administrator to let this device in, then sign in again." }
    SignInFactorNeeded = "SI-019" { person: "Your password is right; now confirm that it is you.", admin: "The first factor passed; a further step is needed.", next: "Enter a code or use your passkey." }

    SetupLinkDead = "SU-001" { person: "This link does not work.", admin: "The set-up link was unknown, ended or used.", next: "Run `doorward setup-link` for a new one." }
    SetupClosed = "SU-002" { person: "There is nothing here.", admin: "Set-up is closed: there has been an owner.", next: "" }
    SetupEmailTaken = "SU-003" { person: "This address, or one that looks the same, already has an account.", admin: "Duplicate by canonical form or by UTS 39 skeleton.", next: "Use another address." }

    EmailInvalid = "PE-001" { person: "This is not an e-mail address.", admin: "The address could not be brought into canonical form.", next: "Write it like name@example.org." }
    NameInvalid = "PE-002" { person: "Write a name of 1 to 100 characters, without line breaks.", admin: "The name was empty, too long, or had control characters.", next: "" }
    OrganisationNameInvalid = "PE-003" { person: "Write a name of 1 to 100 characters, without line breaks.", admin: "The organisation's name was empty, too long, or had control characters.", next: "" }
    LanguageUnknown = "PE-004" { person: "We do not write this language yet.", admin: "The language tag was malformed, or of a language without words.", next: "Choose English, German, French, Spanish or Dutch." }
    PersonInvited = "PE-005" { person: "This address is invited already.", admin: "There is an open invitation for this address in the organisation.", next: "Open it in the list of people to send the mail again, or to withdraw it." }
    PersonIsMember = "PE-006" { person: "Somebody with this address is in your organisation already.", admin: "The address belongs to a member.", next: "Find them in the list of people." }
    InvitationDead = "PE-007" { person: "This invitation does not work any more: it was used, withdrawn, replaced, or has ended.", admin: "The link of an invitation was unknown, used, withdrawn, replaced or ended, or whoever invited is gone.", next: "Ask whoever invited you for a new one." }
    InvitationCodeWrong = "PE-008" { person: "This address and this code do not belong together, or the code does not work any more.", admin: "Wrong address or code of an invitation, or more than five tries.", next: "Check both, or use the link in the mail." }
    InvitationOther = "PE-009" { person: "This invitation is for another address than the one that you are signed in with.", admin: "An invitation was opened with the account of another address.", next: "Sign out, and open the link in the mail again." }
    PersonAboveYou = "PE-010" { person: "This person may do more than you, so only somebody who may do as much can do this.", admin: "Whoever asked does not hold all that the person holds.", next: "Ask an owner of your organisation." }
    PersonIsYou = "PE-011" { person: "You cannot do this to yourself.", admin: "Somebody tried to disable, remove or erase their own account.", next: "Ask another administrator." }
    PersonElsewhere = "PE-012" { person: "This person belongs to another organisation, which alone can do this. You can change their roles here, or end their access.", admin: "An account was to be changed by another organisation than its home.", next: "" }
    PeopleTooMany = "PE-013" { person: "Choose at least one and at most 200 people.", admin: "A bulk action with nobody, or with more than 200 people.", next: "" }
    InvitationTooOften = "PE-014" { person: "This mail was sent enough times today.", admin: "More than five mails of one invitation, or more than 500 invitations of one organisation in a day.", next: "Wait until tomorrow, or withdraw it and tell the person yourself." }
    AddressTaken = "PE-015" { person: "This address, or one that looks the same, has an account already.", admin: "Duplicate by canonical form or by UTS 39 skeleton.", next: "Use another address." }
    PersonGone = "PE-016" { person: "This person is not in your organisation any more.", admin: "The person was removed or erased.", next: "Invite them anew." }

    PasswordShort = "PW-001" { person: "The password is too short: use at least 15 characters.", admin: "Shorter than the minimum without a second factor.", next: "Four unrelated words do well." }
    PasswordLong = "PW-002" { person: "The password is too long: use at most 128 characters.", admin: "Longer than 128 characters.", next: "" }
    PasswordCommon = "PW-003" { person: "This password is on a list of passwords that attackers try first.", admin: "Found in the list of breached passwords.", next: "Choose another one." }
    PasswordContext = "PW-004" { person: "The password is little more than your name, your address or the organisation's name.", admin: "Built from context words.", next: "Choose words that have nothing to do with you or your organisation." }
    PasswordWeak = "PW-005" { person: "This password can be guessed quickly.", admin: "zxcvbn finds fewer than 10^10 guesses.", next: "Avoid rows of keys, dates and repeated words; four unrelated words do well." }
    PasswordCurrentWrong = "PW-006" { person: "The current password is not right.", admin: "Wrong current password at a change.", next: "Check it and try again." }
    PasswordSame = "PW-007" { person: "The new password is the same as the current one.", admin: "New password equals the current one.", next: "Choose another one." }
    PasswordCharacters = "PW-008" { person: "The password has a character that cannot be used.", admin: "The password had a NUL or was not text.", next: "" }
    PasswordWrong = "PW-009" { person: "The password is not right.", admin: "Wrong password at unlock.", next: "Check it and try again." }
    PasswordShortBeside = "PW-010" { person: "The password is too short: use at least 8 characters.", admin: "Shorter than the minimum beside a second factor.", next: "Four unrelated words do well." }
    PasswordShortPolicy = "PW-011" { person: "The password is shorter than your organisation asks for.", admin: "Shorter than passwords.min_length of the policy.", next: "Four unrelated words do well." }

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

    SessionDeviceLimit = "SE-014" { person: "Another device signed in, and your organisation allows only so many at once; this one was the last in your order.", admin: "The limit of devices was reached; the last in the person's order was signed out.", next: "Sign in again, or put this device further up under My security." }
    SessionTrustRevoked = "SE-015" { person: "This device is not trusted any more, so its session ended.", admin: "The trust of the device was taken away.", next: "Sign in again." }
    SessionFactorsChanged = "SE-016" { person: "Your ways to sign in were changed on another device, so this session ended.", admin: "A second factor was added, changed or removed.", next: "Sign in again." }
    SessionFactorNeeded = "SE-017" { person: "Your organisation asks for a second factor, and you have none yet.", admin: "The policy demands a second factor that this session has not proved.", next: "Add one now; it takes a minute." }
    StepUpNeeded = "SE-018" { person: "This is delicate, so please confirm once more that it is you.", admin: "The last proof is older than 15 minutes, or weaker than this asks for.", next: "Confirm, and you go on where you were." }
    StepUpWrong = "SE-019" { person: "That did not match.", admin: "Step-up refused: wrong password or code.", next: "Try again." }
    StepUpFactorWanted = "SE-020" { person: "For this we need your second factor, not the password alone.", admin: "Step-up by password, where a second factor is there and asked for.", next: "Enter a code, or use your passkey." }
    StepUpPasskeyWanted = "SE-021" { person: "For this we need a passkey.", admin: "The action asks for a phishing-resistant factor.", next: "Use your passkey; add one under My security if you have none." }
    SessionFactorsReset = "SE-022" { person: "Your second factors were removed because they were lost, so every session ended.", admin: "The factors were reset by the link of an administrator, or by the operator.", next: "Sign in with your password and add a new factor." }

    PasskeyUnavailable = "PK-001" { person: "Passkeys cannot be used at this address.", admin: "Browsers hold passkeys for a name only; the configured public address is a bare IP address.", next: "Use another way, and ask your administrator to give the server a name." }
    PasskeyEnded = "PK-002" { person: "This took too long, or was used already.", admin: "The passkey's ceremony was unknown, used, older than five minutes, or somebody else's.", next: "Try again." }
    PasskeyUnknown = "PK-003" { person: "This passkey is not known here.", admin: "No passkey of this id, or not one of this person.", next: "Use another passkey or another way. If it was removed here, remove it from your device too." }
    PasskeyWrong = "PK-004" { person: "The passkey's answer could not be read or did not match.", admin: "Malformed answer, wrong challenge or wrong signature.", next: "Try again, or use another way." }
    PasskeyOtherSite = "PK-005" { person: "The passkey answered for another site, so it was refused.", admin: "Origin or relying party of the answer is not this server's: a copy of the site may have asked.", next: "Check the address in your browser, and tell your administrator." }
    PasskeyUnverified = "PK-006" { person: "Your device did not check that it is you.", admin: "The answer came without user verification (PIN, fingerprint, face).", next: "Set up a PIN, fingerprint or face on the device, then try again." }
    PasskeyCounterWrong = "PK-007" { person: "This passkey may have been copied, so it was refused.", admin: "The signature counter did not rise: there may be two copies of the key.", next: "Use another way, remove this passkey and add a new one." }
    PasskeyModelForbidden = "PK-008" { person: "Your organisation does not allow passkeys of this kind.", admin: "The authenticator's AAGUID is not on the organisation's list.", next: "Use a key that your organisation gave you, or ask your administrator." }
    PasskeyTaken = "PK-009" { person: "This passkey is here already.", admin: "A passkey of this id is registered.", next: "Use another device or key." }
    PasskeyNotKept = "PK-010" { person: "Your device could not keep the passkey on itself.", admin: "The browser said that the credential is not discoverable.", next: "Use another device or key, or free some room on it." }
    PasskeyTooMany = "PK-011" { person: "You have as many passkeys as one person can have.", admin: "20 passkeys of one person.", next: "Remove one that you do not use." }
    PasskeyBackupChanged = "PK-012" { person: "This passkey is now kept in another way than when it was added, so it was refused.", admin: "The backup eligibility of the credential is not that of its registration.", next: "Use another way, remove this passkey and add it anew." }
    PasskeyNone = "PK-013" { person: "You have no passkey here.", admin: "No passkey of this person, where one was asked for.", next: "Use another way; add one under My security." }
    PasskeyModelUnproved = "PK-014" { person: "This passkey could not prove which model it is, and your organisation allows certain models only.", admin: "The policy lists models, and the key's attestation leads to no root certificate on the server, or the key can be copied.", next: "Use a key that your organisation gave you, or ask your administrator." }

    DeviceNew = "DE-001" { person: "We have not seen this device before, so we check that it is yours.", admin: "New device; the policy asks for verification or a notice.", next: "Enter the code from the mail, or approve it on a device that you trust." }
    DeviceKeyMissing = "DE-002" { person: "Your browser has lost what we knew it by, so we check that it is yours.", admin: "The device's cookie came without its key: cleared storage, no JavaScript, or a copied cookie.", next: "Enter the code from the mail, or approve it on a device that you trust." }
    DeviceOtherKey = "DE-003" { person: "This browser showed the sign of one of your devices, but not its key, so we check that it is yours.", admin: "The cookie of a device came with the key of another browser: it may have been copied.", next: "If you did not move your browser's data, change your password." }
    DeviceWaits = "DE-004" { person: "Your organisation lets in only devices that an administrator has approved. This one waits for that.", admin: "The policy lets in only approved devices; this one is not.", next: "Ask your administrator, then sign in again." }
    DeviceRefused = "DE-005" { person: "An administrator did not let this device in.", admin: "An administrator refused the device.", next: "Use another device, or ask your administrator." }
    DeviceCodeWrong = "DE-006" { person: "This code is not right, or it does not work any more.", admin: "Wrong code at the verification of a device, or one that has ended.", next: "Check it, or ask for a new mail." }
    DeviceCodesPaused = "DE-007" { person: "Too many wrong codes.", admin: "10 wrong codes or digits in a row at the verification of devices.", next: "Wait until the time below, then try again." }
    DeviceMailsEnough = "DE-008" { person: "We have sent enough mails; the last code is still good.", admin: "Three mails of one sign-in, or ten of one person in an hour.", next: "Look for the latest mail, also in the spam folder, or approve this device on one that you trust." }
    DeviceVerified = "DE-009" { person: "This device is verified.", admin: "Right code from the mail, or approved on a trusted device.", next: "" }
    DeviceDigitsWrong = "DE-010" { person: "These are not the digits that the new device shows.", admin: "Wrong digits at the approval of a device.", next: "Look at the new device and type the two digits that it shows." }
    DeviceDenied = "DE-011" { person: "This sign-in was refused on one of your trusted devices.", admin: "The person said on a trusted device that this sign-in was not theirs, or the digits were wrong too often.", next: "If that was a mistake, sign in again." }
    DeviceNotTrusted = "DE-012" { person: "Only a device that you trust, and that shows its key, can approve another one.", admin: "An approval was tried on a device without trust, or without its key.", next: "Use another of your devices, or the code from the mail." }
    DeviceApprovalGone = "DE-013" { person: "This sign-in does not wait any more.", admin: "The sign-in has ended or was answered already.", next: "" }
    DeviceOrderWrong = "DE-014" { person: "Name each of your devices at most once, and only your own.", admin: "The order of devices names one twice, or one that is not the person's.", next: "" }
    DeviceTrustEnded = "DE-016" { person: "This device has not been trusted for a while, so we check again that it is yours.", admin: "The trust of a known device has ended, or was taken away; the policy asks for verification.", next: "Enter the code from the mail, or approve it on a device that you trust." }
    DeviceNobodyToAsk = "DE-015" { person: "None of your devices can approve this one.", admin: "The person has no other device whose trust lasts.", next: "Use the code from the mail." }

    CodeMalformed = "CD-001" { person: "This does not look like one of the codes.", admin: "What was typed is neither 6, 8 or twice 6 digits nor a recovery code.", next: "An authenticator app shows 6 digits, a text message has 8, a recovery code 16 letters and digits." }
    CodeWrong = "CD-002" { person: "This code is not right.", admin: "The code matched no step that is looked at, no message and no recovery code.", next: "Check it, or wait for the next one." }
    CodeSpent = "CD-003" { person: "This code was used already, or is older than one that was.", admin: "The step, the message or the recovery code was spent before.", next: "Wait for the next code; each works once." }
    CodeSlow = "CD-004" { person: "Your phone’s clock is slow, so this code is too old.", admin: "The code is of a past step outside the window.", next: "Let the phone set its time by itself; or enter two codes in a row, this one and the next, and we learn its clock." }
    CodeFast = "CD-005" { person: "Your phone’s clock is fast, so this code is not good yet.", admin: "The code is of a future step; it was burned.", next: "Let the phone set its time by itself; or enter two codes in a row, this one and the next, and we learn its clock." }
    CodeClockChanged = "CD-006" { person: "Your phone’s clock was changed since we last saw a code of it.", admin: "The code is right by our clock and outside the window of the learned drift.", next: "Enter two codes in a row, this one and the next, and we learn its clock." }
    CodePairWrong = "CD-007" { person: "These are not two codes in a row.", admin: "The two codes are of no two steps that follow each other within ten minutes.", next: "Enter the code that the app shows, wait for the next one, and enter it behind the first." }
    CodeKindAbsent = "CD-008" { person: "You cannot sign in with a code of this kind.", admin: "The person has no such authenticator, or the policy does not allow it.", next: "Use one of the ways that are listed." }
    CodePaused = "CD-009" { person: "Too many wrong codes in a row, so this way is paused.", admin: "10 wrong codes in a row: the authenticator pauses for 15 minutes, then twice as long each time.", next: "Wait until the time below, or use another way." }
    CodeShut = "CD-010" { person: "Too many wrong codes in a row, so this way is closed until it is reset.", admin: "100 wrong codes in a row.", next: "Use another way, and set this one up anew; or ask your administrator." }
    CodeMessageOver = "CD-011" { person: "This code has ended, or was sent for another sign-in.", admin: "There is no living text message of this request.", next: "Have a new one sent." }
    CodeEnrolmentOver = "CD-012" { person: "This was started too long ago, or tried too often.", admin: "The unconfirmed authenticator has ended.", next: "Start anew; it takes a minute." }
    AuthenticatorGone = "CD-013" { person: "This way to sign in was removed meanwhile.", admin: "The authenticator was removed between the check and the commit.", next: "Use another way." }
    PhoneNoCountry = "CD-014" { person: "Write the number with its country code, such as +44 7700 900123.", admin: "The number had no + or 00 in front.", next: "" }
    PhoneInvalid = "CD-015" { person: "This is not a telephone number.", admin: "The number could not be brought into E.164.", next: "Write it with its country code, such as +44 7700 900123." }
    TextForbidden = "CD-016" { person: "Your organisation does not use text messages.", admin: "The policy forbids text messages.", next: "Use an authenticator app or a passkey." }
    TextCountry = "CD-017" { person: "Your organisation sends no text messages to this country.", admin: "The number's country is not among those that the policy allows.", next: "Use an authenticator app or a passkey." }
    TextTooSoon = "CD-018" { person: "A message is on its way; a new one can be asked for a little later.", admin: "Asked again before the wait was over.", next: "Wait for it, or use an authenticator app instead." }
    TextTooMany = "CD-019" { person: "Too many text messages were asked for.", admin: "6 in an hour or 15 in a day, of one person or to one number.", next: "Use an authenticator app instead, or wait until the time below." }
    TextOrganisationLimit = "CD-020" { person: "Your organisation has sent as many text messages as it may at the moment.", admin: "200 text messages of one organisation in an hour.", next: "Use an authenticator app instead, or wait until the time below." }
    AuthenticatorTooMany = "CD-021" { person: "You have as many of these as one person may have.", admin: "10 authenticators of one kind.", next: "Remove one that you do not use." }
    AuthenticatorNameInvalid = "CD-022" { person: "Write a name of 1 to 60 characters, without line breaks.", admin: "The name was empty, too long, or had control characters.", next: "" }

    EnrolNeedsMail = "SE-032" { person: "Confirm by mail first that it is you.", admin: "The person had not signed in for more than 30 days and has no second factor: the first one needs a link by mail as well.", next: "We send you a link; open it in this browser." }
    EnrolLinkDead = "SE-033" { person: "This link belongs to another session, or has ended.", admin: "The link that confirms a first second factor was of another session, or older than 30 minutes.", next: "Send a new one." }
    EnrolMailsEnough = "SE-036" { person: "Enough of these mails were sent in the last hour; the link in each is good for 30 minutes.", admin: "Five mails of one person in an hour with the link that confirms a first second factor: nothing was sent.", next: "Look for the latest one, also in the spam folder, or wait until the time below." }
    FactorLastNeeded = "SE-034" { person: "This is the last second factor that you have, and your organisation asks for one.", admin: "Policy demands a second factor, so the last one cannot be removed.", next: "Add another first." }
    FactorNotAllowed = "SE-035" { person: "Your organisation does not accept this way to sign in.", admin: "The kind is not among those that the policy allows.", next: "Add another one." }

    AccessGranted = "AZ-001" { person: "Allowed by your role.", admin: "A role that the person holds grants it.", next: "" }
    AccessOwn = "AZ-002" { person: "This is your own.", admin: "Everyone may see and change their own account.", next: "" }
    AccessMissing = "AZ-003" { person: "Your role does not allow this.", admin: "No role that the person holds grants it.", next: "Ask an owner of your organisation." }
    AccessNetwork = "AZ-004" { person: "Your organisation lets people in only from networks that it has named, and you are in another one.", admin: "networks.people of the policy does not hold the address.", next: "Go on from your organisation's network, or ask an owner of your organisation." }

    GrantBeyondYou = "AZ-005" { person: "You can give and take away only what you hold yourself.", admin: "Whoever gave, took away or made a role does not hold all of its permissions that far.", next: "Ask an owner of your organisation." }
    LastOwner = "AZ-006" { person: "Every organisation keeps one owner, and this is the last one.", admin: "The last enabled owner would have been removed, demoted or disabled.", next: "Make somebody else an owner first." }
    RoleUnknown = "AZ-007" { person: "There is no such role here.", admin: "The role is not one of the organisation's.", next: "Choose one of the roles on the Roles page." }
    ScopeUnknown = "AZ-008" { person: "There is no such customer or site here.", admin: "The scope of a grant names a customer or site that the organisation does not have.", next: "" }
    RoleNotForCustomer = "AZ-009" { person: "Only roles that come with Doorward can be given for a customer.", admin: "A role of the organisation's own was to be given for a customer, who could not read what it means.", next: "Choose Owner, Administrator, Technician, Help desk or Auditor." }
    RoleNameTaken = "AZ-010" { person: "There is a role of this name already.", admin: "The name of a role is taken in the organisation, whatever its capitals.", next: "Choose another name." }
    RoleNameInvalid = "AZ-011" { person: "Write a name of 1 to 60 characters, without line breaks.", admin: "The name of a role or group was empty, too long, or had control characters.", next: "" }
    RoleBuiltIn = "AZ-012" { person: "Roles that come with Doorward cannot be changed or removed.", admin: "A change of a built-in role was asked for.", next: "Make a role of your own instead." }
    RoleHeld = "AZ-013" { person: "Somebody still holds this role.", admin: "A role that is held by people or groups was to be removed.", next: "Take it away from them first." }
    PermissionUnknown = "AZ-014" { person: "There is no such permission.", admin: "A permission was named that this version does not have, or that is everybody's.", next: "GET /api/v1/permissions lists them." }
    AccessElsewhere = "AZ-015" { person: "Your role allows this, but not here.", admin: "A role that the person holds grants it for another customer or site.", next: "Ask an owner of your organisation." }
    AccessTooFar = "AZ-016" { person: "Your role is limited to a part of the organisation, and this is about the whole.", admin: "The permission cannot be limited to a customer or site, and the role that has it is.", next: "Ask an owner of your organisation." }
    GroupNameTaken = "AZ-017" { person: "There is a group of this name already.", admin: "The name of a group is taken in the organisation.", next: "Choose another name." }
    PersonNotMember = "AZ-018" { person: "There is nobody like that in your organisation.", admin: "Somebody was named who is no member of the organisation.", next: "Write the whole e-mail address." }
    RolesTooMany = "AZ-019" { person: "There are as many of these as an organisation can have.", admin: "50 roles of its own, 200 groups, 1,000 people in a group, or 50 roles of one person or group.", next: "Remove some that nobody needs." }
    AccessHasRole = "AZ-020" { person: "These roles allow it.", admin: "The roles of the organisation that have the permission.", next: "" }
    RoleTextInvalid = "AZ-021" { person: "Write at most 200 characters, without line breaks.", admin: "The description of a role was too long or had control characters.", next: "" }
    PersonUnclear = "AZ-022" { person: "Several people match.", admin: "A part of a name was written that several people have.", next: "Write the whole e-mail address." }
    MemberThere = "AZ-023" { person: "This person is a member of that customer already, and has their roles there.", admin: "A role for a customer was to be given to somebody who is the customer's own member.", next: "Give the role within the customer." }
    RoleNotForGroup = "AZ-024" { person: "A group holds its roles for everything or for a site.", admin: "A group was to hold a role for a customer; such a membership is a person's own.", next: "Give it to the people themselves." }

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

    PolicyRequireInvalid = "PO-001" { person: "Choose one of: no, yes, phishing-resistant.", admin: "Unknown value of factors.require.", next: "" }
    PolicyGraceInvalid = "PO-002" { person: "Write whole hours from 0 to 336 (14 days).", admin: "factors.grace_hours is out of its range.", next: "" }
    PolicyKindsInvalid = "PO-003" { person: "Choose at least one of: passkey, authenticator app (totp), text message (phone); and recovery-codes beside them if you like.", admin: "factors.allowed is empty, has only recovery codes, or an unknown kind.", next: "" }
    PolicyModelsInvalid = "PO-004" { person: "Write the models of passkeys as AAGUIDs, such as cb69481e-8ff7-4039-93ec-0a2729a154a8; at most 100.", admin: "factors.aaguids has an entry that is no UUID, or too many.", next: "" }
    PolicyModeInvalid = "PO-005" { person: "Choose one of: off, notify, verify, approved.", admin: "Unknown value of devices.mode.", next: "" }
    PolicyTrustInvalid = "PO-006" { person: "Write whole days from 1 to 365.", admin: "devices.trust_days is out of its range.", next: "" }
    PolicyLimitInvalid = "PO-007" { person: "Write a number from 1 to 100.", admin: "devices.limit is out of its range.", next: "" }
    PolicyLockInvalid = "PO-008" { person: "Write whole minutes from 5 to 1440 (24 hours).", admin: "sessions.lock_minutes is out of its range.", next: "" }
    PolicyEndInvalid = "PO-009" { person: "Write whole minutes from 60 to 43200 (30 days).", admin: "sessions.end_minutes is out of its range.", next: "" }
    PolicyNetworksInvalid = "PO-010" { person: "Write networks like 203.0.113.0/24 or 2001:db8::/32; at most 100.", admin: "networks has an entry that is no CIDR range, or too many.", next: "" }
    PolicyLengthInvalid = "PO-011" { person: "Write a number from 8 to 64.", admin: "passwords.min_length is out of its range.", next: "" }
    PolicyCountriesInvalid = "PO-012" { person: "Write countries as two letters (GB) or as prefixes (+44); at most 100.", admin: "sms.countries has an unknown entry, or too many.", next: "" }
    PolicyNobodyMeets = "PO-013" { person: "Nobody could meet this: what is asked for is not among the kinds allowed.", admin: "Phishing-resistant without passkeys, or no kind left once text messages are forbidden.", next: "Allow passkeys, or ask for less." }
    PolicyShutsYouOut = "PO-014" { person: "You would shut yourself out: your own network is not in the list.", admin: "networks.people does not hold the address of whoever changes it.", next: "Add the network that you are in now." }

    LostLastOwner = "LO-001" { person: "This is the last owner, so only the operator of the server can do this.", admin: "A reset of the last owner's factors was asked for.", next: "On the server: doorward person reset-factors EMAIL." }
    LostAboveYou = "LO-002" { person: "Only an owner can do this for an owner.", admin: "Somebody who is no owner asked for a reset of an owner's factors.", next: "Ask an owner of your organisation." }
    LostLinkDead = "LO-003" { person: "This link does not work any more: it was used, has ended, or was replaced.", admin: "The link of a reset of factors was unknown, used, ended or replaced.", next: "Ask your administrator for a new one." }
    LostDisabled = "LO-004" { person: "This person is disabled.", admin: "A reset of factors was asked for somebody who is disabled.", next: "" }
    TestTooOften = "ML-001" { person: "Enough test messages were sent in the last hour.", admin: "More than ten test messages of one person, or thirty of one organisation, in an hour: nothing was sent.", next: "Look at those that are listed under Messages, or wait until the time below." }

    FarEndInvalid = "AC-001" { person: "This is no address that activity can be sent to.", admin: "The address is no https://, syslog+tls:// or (within networks that the operator has opened) http:// or syslog+tcp://, or it names a user.", next: "Write it like https://siem.example.org/in or syslog+tls://log.example.org:6514." }
    FarEndNameInvalid = "AC-002" { person: "A name has 1 to 60 characters.", admin: "The name of a place that activity is sent to was empty or too long.", next: "" }
    FarEndTooMany = "AC-003" { person: "Activity is sent to ten places already.", admin: "An organisation sends its activity to ten places at most.", next: "Remove one that is not needed any more." }
    FarEndTestedSoon = "AC-004" { person: "A test was sent a moment ago.", admin: "Tests of one place are at least ten seconds apart.", next: "Wait ten seconds and try again." }
    RetentionInvalid = "AC-005" { person: "Activity is kept for 30 days to 7 years.", admin: "The days were no number from 30 to 2557.", next: "Write a number from 30 to 2557." }
    ApiKeyUnknown = "AK-001" { person: "This key is not known here, or was ended.", admin: "The Bearer token is no API key of this server, or one that was ended.", next: "Make a new one: My security, API keys." }
    ApiKeyOver = "AK-002" { person: "The time of this key is over.", admin: "The API key has ended by its time.", next: "Make a new one: My security, API keys." }
    ApiKeyMakerGone = "AK-003" { person: "Whoever made this key cannot enter any more.", admin: "The maker of the API key is disabled, no member any more, or the organisation is suspended.", next: "Let somebody else make a key." }
    ApiKeyNotGiven = "AK-004" { person: "This key was not given that right.", admin: "The permission is not among those of the API key.", next: "Make a key that has it." }
    ApiKeyPersonal = "AK-005" { person: "No key can do this: it asks for a fresh proof that it is you.", admin: "A change of somebody's own ways to sign in was tried with an API key.", next: "Sign in and do it there." }
    ApiKeyNameInvalid = "AK-006" { person: "Write a name of 1 to 60 characters, without line breaks.", admin: "The name of an API key was empty, too long, or had control characters.", next: "" }
    ApiKeyEndInvalid = "AK-007" { person: "Choose a time from now on, within a year.", admin: "The end of an API key was no RFC 3339 time, past, or more than 365 days ahead.", next: "" }
    ApiKeyRightsInvalid = "AK-008" { person: "Choose at least one right, by the names that the list of permissions has.", admin: "An API key was asked for without rights, or with one that there is not.", next: "" }
    ApiKeyRightsReach = "AK-009" { person: "One of these rights cannot be limited to a customer or site.", admin: "An API key was to be limited to a customer or a site, with a right that belongs to the whole organisation.", next: "Leave it out, or do not limit the key." }
    ApiKeyMakesNone = "AK-010" { person: "A key cannot make keys.", admin: "An API key was asked for with the right to make API keys.", next: "Leave this right out." }
    ApiKeyScopeInvalid = "AK-011" { person: "There is no such customer or site here.", admin: "An API key was to be limited to something that is no customer or site of the organisation.", next: "" }
    ApiKeyBeyond = "AK-012" { person: "You can give a key only what you hold yourself.", admin: "An API key was asked for that would be wider than its maker.", next: "Leave out what you do not hold." }
    ApiKeyTooMany = "AK-013" { person: "You have as many keys as one person may have.", admin: "50 living API keys of one person in one organisation.", next: "End one that you do not use." }
    OrganisationShut = "OG-001" { person: "Your organisation is suspended, so nobody can sign in to it.", admin: "The organisation is suspended or deleted: it lets nobody in.", next: "Ask whoever looks after it for you." }
    CustomerNameTaken = "OG-002" { person: "There is a customer of this name already.", admin: "The name of a customer is taken, whatever its capitals.", next: "Choose another name." }
    CustomerOfCustomer = "OG-003" { person: "A customer cannot have customers of its own.", admin: "There are two levels: an organisation and its customers.", next: "" }
    OrganisationOwn = "OG-004" { person: "An organisation cannot do this to itself.", admin: "An organisation was to suspend, delete or move itself.", next: "Ask whoever looks after it for you, or the operator of the server." }
    OrganisationDeleted = "OG-005" { person: "This customer is deleted.", admin: "A deleted customer was to be changed.", next: "Bring it back first." }
    SiteNameTaken = "OG-006" { person: "There is a site of this name already.", admin: "The name of a site is taken, whatever its capitals.", next: "Choose another name." }
    SiteLast = "OG-007" { person: "Every organisation keeps one site, and this is the last one.", admin: "The last site was to be removed.", next: "Add another one first, or give this one another name." }
    SitesTooMany = "OG-008" { person: "There are as many sites as an organisation can have.", admin: "1,000 sites of one organisation.", next: "Remove some that nobody needs." }
    MoveUnknown = "OG-009" { person: "There is no such organisation to move it to.", admin: "The organisation that a customer was to be moved to is not there, is a customer itself, or does not let whoever asks make customers.", next: "Choose an organisation in which you may make customers." }
    MoveHasCustomers = "OG-010" { person: "It has customers of its own, so it cannot become one.", admin: "An organisation with customers was to be moved below another one.", next: "Move its customers first." }
    MoveNoOwner = "OG-011" { person: "It has no owner of its own, so nobody could look after it.", admin: "All owners of a customer came from the organisation that it was to leave.", next: "Make one of its own people an owner first." }
    OrganisationStateInvalid = "OG-012" { person: "Choose one of: active, suspended.", admin: "Unknown value of an organisation's state.", next: "" }
    SiteNameInvalid = "OG-013" { person: "Write a name of 1 to 100 characters, without line breaks.", admin: "The name of a site was empty, too long, or had control characters.", next: "" }
    SiteHasAgents = "OG-014" { person: "Agents or installation keys belong to this site.", admin: "A site was to be removed that agents or installation keys belong to.", next: "Move the agents to another site first; keys and agents that have ended keep their site in view." }
    PolicyLocked = "PO-015" { person: "The organisation above has set this: here it can only be made stricter.", admin: "A value was to be looser than the one that the organisation above has set.", next: "Choose a stricter value, or give it back." }
    InstallationKeySlip = "AG-001" { person: "This is no installation key: a character is missing, wrong, or changed places.", admin: "A text that is no installation key, by its shape or its check character.", next: "Check it; it looks like DW-XXXX-XXXX-XXXX-XXXX-C." }
    InstallationKeyUnknown = "AG-002" { person: "This installation key is not known here.", admin: "A pairing with a key that nobody made on this server.", next: "Ask whoever gave it to you for a new one, and check the address of the server." }
    InstallationKeyRevoked = "AG-003" { person: "This installation key was revoked.", admin: "A pairing with a key that was revoked.", next: "Ask whoever gave it to you for a new one." }
    InstallationKeyEnded = "AG-004" { person: "This installation key has ended.", admin: "A pairing with a key after its end.", next: "Ask whoever gave it to you for a new one." }
    InstallationKeySpent = "AG-005" { person: "This installation key was used as often as it may be.", admin: "A pairing with a key that has no use left.", next: "Ask whoever gave it to you for a new one." }
    InstallationKeyNetwork = "AG-006" { person: "This installation key is for another network than the one that this machine is in.", admin: "A pairing from outside the network range of the key.", next: "Ask whoever gave it to you." }
    InstallationKeySystem = "AG-007" { person: "This installation key is for another operating system.", admin: "A pairing of a machine with another operating system than the key is for.", next: "Ask whoever gave it to you for one for this system." }
    PairingKeyKnown = "AG-008" { person: "This machine's key pair was paired with another installation key.", admin: "A key pair that is known came with another installation key.", next: "Remove the agent's state folder, and pair the machine anew." }
    PairingFacts = "AG-009" { person: "What this machine tells of itself cannot be kept.", admin: "Facts of a machine without a known operating system, or with marks that are no digests.", next: "Update the agent." }
    InstallationKeySite = "AG-010" { person: "Choose a site of your organisation.", admin: "A text that is no site's id.", next: "" }
    InstallationKeyUses = "AG-011" { person: "Write a number of machines from 1 to 10,000.", admin: "Uses of an installation key out of their range.", next: "" }
    InstallationKeyEnd = "AG-012" { person: "A key ends after an hour at the earliest and a year at the latest.", admin: "The end of an installation key is out of its range, or no time.", next: "" }
    InstallationKeyApproval = "AG-013" { person: "Choose one of: approve each, pre-approved.", admin: "Unknown value of an installation key's approval.", next: "" }
    InstallationKeyRange = "AG-014" { person: "Write a network like 10.0.0.0/8, or one address.", admin: "The network of an installation key cannot be read.", next: "" }
    InstallationKeyOpen = "AG-015" { person: "A key that lets machines in without anybody's approval needs a network of its own, or ends within 24 hours.", admin: "A pre-approved installation key without a network range (at least /8) and for more than 24 hours.", next: "Name the network, let it end sooner, or approve each machine." }
    InstallationKeyOs = "AG-016" { person: "Choose one of: Linux, Windows, macOS.", admin: "Unknown operating system of an installation key.", next: "" }
    InstallationKeyUnseen = "AG-017" { person: "Write a number of hours from 0 to 8,760; 0 means never.", admin: "Unseen hours of an installation key out of their range.", next: "" }
    InstallationKeysTooMany = "AG-018" { person: "Your organisation has as many keys as it can have.", admin: "200 living installation keys of one organisation.", next: "Revoke one that nobody uses." }
    AgentVersionMissing = "AG-040" { person: "This call is not of an agent: it names no version.", admin: "A call of the agents' protocol without a good header Doorward-Agent.", next: "" }
    AgentTooOld = "AG-041" { person: "This version of the agent is too old for this server.", admin: "An agent called whose version is not taken any more.", next: "Update the agent; the answer's header Doorward-Agent-Oldest names the oldest version that is taken." }
    AgentAddress = "AG-042" { person: "The address of this call has something that does not belong there.", admin: "A call of the agents' protocol with a query in its address.", next: "Send it in the body or in a header." }
    AgentProofMissing = "AG-043" { person: "This call brings no proof of the agent's key.", admin: "No DPoP header, or several.", next: "" }
    AgentProofWrong = "AG-044" { person: "The proof of this call does not hold.", admin: "A signature of another key, or a proof of another call, address, server or kind.", next: "Check that the agent calls the server by its right address." }
    AgentProofAgain = "AG-045" { person: "This proof was used before.", admin: "A proof came a second time.", next: "" }
    AgentClock = "AG-046" { person: "The time in this proof is too far from the server's.", admin: "A proof that was signed more than a minute before or after it came.", next: "Ask the server for its time, and sign again." }
    AgentNonceOver = "AG-047" { person: "The nonce of this pairing is not ours, or is older than five minutes.", admin: "A pairing over an unknown or old nonce.", next: "Ask for a new one." }
    AgentUnknown = "AG-048" { person: "This key belongs to no agent of this server.", admin: "A good proof of a key that no agent has.", next: "Pair the machine." }
    AgentTokenMissing = "AG-049" { person: "This call needs the agent's token.", admin: "A call of the agents' protocol without a token.", next: "Ask for one." }
    AgentTokenOver = "AG-050" { person: "This token does not count any more.", admin: "The token of an agent was unknown, had ended, or was given before something changed.", next: "Ask for a new one." }
    AgentTokenOther = "AG-051" { person: "This token belongs to another key.", admin: "The token of an agent came with the proof of another key: somebody may have taken it.", next: "Look at where the call came from." }
    AgentValueUnknown = "AG-052" { person: "This ratchet value was never given to this agent.", admin: "A token was asked for with a value that this server did not make.", next: "Pair the machine anew." }
    AgentIsWaiting = "AG-053" { person: "This machine waits until somebody lets it in.", admin: "The agent waits for approval.", next: "Tell your administrator the short code that the agent shows." }
    AgentIsRefused = "AG-054" { person: "This machine was not let in.", admin: "Somebody refused the agent.", next: "Ask your administrator." }
    AgentIsRevoked = "AG-055" { person: "This machine was turned out.", admin: "Somebody revoked the agent.", next: "Ask your administrator; then pair it anew." }
    AgentIsUnpaired = "AG-056" { person: "This machine gave its identity back.", admin: "The agent was unpaired on its machine.", next: "Pair it anew to use it again." }
    AgentIsCloned = "AG-057" { person: "The same identity was seen on two machines, so neither is let in.", admin: "Two machines use one identity, and nothing tells which of them was paired.", next: "An administrator picks which one keeps it; the other is paired anew." }
    AgentIsCopied = "AG-058" { person: "This machine has the identity of another one: it was copied from it.", admin: "A copy of an agent's identity was used on another machine.", next: "Pair this machine anew." }
    AgentInDoubt = "AG-059" { person: "This machine came with an old state; we look whether another one uses the newer one.", admin: "An old ratchet value came from a machine that looks like the paired one: a copy, or the machine itself put back to an earlier state.", next: "It tries again by itself in a few minutes." }
    AgentNetwork = "AG-060" { person: "Your organisation does not let agents in from this network.", admin: "The policy networks.agents does not name the network that the agent came from.", next: "Name the network in the policy, or move the machine." }
    AgentsBusy = "AG-061" { person: "Very many machines call at this moment.", admin: "More calls of agents at once than are served.", next: "It tries again by itself." }
    AgentTooOften = "AG-062" { person: "This machine calls far too often.", admin: "More than 240 calls of one agent in two minutes.", next: "" }
    AgentKeyTaken = "AG-063" { person: "This key is another agent's.", admin: "An agent wanted to change its key to one that is known already.", next: "Make a new one." }
    AgentWaitedTooLong = "AG-064" { person: "Nobody let this machine in within seven days.", admin: "The agent waited for seven days; its use was given back to the key.", next: "Pair it anew." }
    AgentUnseen = "AG-065" { person: "This machine was not seen for long, so its identity ended.", admin: "The key that the agent was paired with ends its agents once they are unseen for so long.", next: "Pair it anew." }
    PairingWordsInvalid = "AG-070" { person: "Write at most 2,000 characters, and nothing but text and line breaks.", admin: "The organisation's own words for pairing were too long or had control characters.", next: "" }
    PairingCodeUnknown = "AG-071" { person: "No machine of your organisation waits with this code.", admin: "A short code that no waiting agent shows.", next: "Compare it with what the machine shows now: there is a new code every ten minutes." }
    PairingCodeTooOften = "AG-072" { person: "Ten wrong codes in ten minutes.", admin: "A person entered ten wrong short codes in ten minutes.", next: "Wait until the time below, or look for the machine in the list of agents." }
    AgentDecided = "AG-073" { person: "Somebody has decided about this machine otherwise already.", admin: "An agent was to be let in, refused or picked after another decision.", next: "Look at it again." }
    AgentOver = "AG-074" { person: "This agent is not active, so there is nothing to do.", admin: "Something was wanted of an agent that is refused, revoked or waits.", next: "" }
    AgentNotCloned = "AG-075" { person: "There is nothing to pick: this identity is on one machine only.", admin: "A pick for an agent of which no two machines are known.", next: "" }
    AgentReplaced = "AG-076" { person: "Another entry of the same machine took the place of this one.", admin: "A newer entry of the same machine was let in in the place of this one.", next: "Pair the machine anew." }
    AgentsTooMany = "AG-077" { person: "Choose at least one and at most 200 agents.", admin: "A bulk action with no agent, or with more than 200.", next: "" }
    AgentNotOlder = "AG-078" { person: "These two are not the same machine, as far as they tell.", admin: "An agent was to take the place of one that does not have the same marks.", next: "Approve it, and revoke the other one by itself." }
    AgentSiteUnknown = "AG-079" { person: "There is no such site that your role reaches.", admin: "A site that is not there, or that the role of whoever asked does not reach.", next: "" }
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
