### Every mail and text message that Doorward sends, in English.
### Short, warm, exact: never more than the fact, the time, the place, and what to do. A key is never put together from parts.

## In every letter

letter-hello = Hello { $name },
letter-colon = :
letter-code = Or type this code in the browser that asked for it
letter-code-only = Type this code in the browser that asked for it
letter-questions = Questions
letter-not-me = This was not me
letter-advice = If it was not you, end all sessions now and set a new password.

letter-time = Time
letter-device = Device
letter-network = Network
letter-moment =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }, { $time } UTC
letter-device-on = { $browser } on { $system }
letter-device-some = A browser on { $system }
letter-device-unknown = Unknown browser

## A new password

letter-reset-subject = Set a new password
letter-reset-line = Somebody, hopefully you, asked for a new password for your account.
letter-reset-button = Set a new password
letter-reset-ends =
    { $minutes ->
        [one] Link and code work once, for { $minutes } minute.
       *[other] Link and code work once, for { $minutes } minutes.
    }
letter-reset-not-you = If it was not you, do nothing: without this mail nobody can change your password.

## Another address

letter-confirm-subject = Confirm your new e-mail address
letter-confirm-line = Confirm that { $email } shall be the address of your account.
letter-confirm-button = Confirm this address
letter-confirm-ends =
    { $hours ->
        [one] The link works once, for { $hours } hour. If you did not ask for this, do nothing.
       *[other] The link works once, for { $hours } hours. If you did not ask for this, do nothing.
    }
letter-undo-subject = Your e-mail address was changed
letter-undo-line = The e-mail address of your account is now { $email }. This address is not used any more.
letter-undo-button = Undo the change
letter-undo-ends =
    { $days ->
        [one] If it was you, there is nothing to do. The button works for { $days } day; it also ends all sessions.
       *[other] If it was you, there is nothing to do. The button works for { $days } days; it also ends all sessions.
    }

## Notices

letter-new-device-subject = New sign-in to your account
letter-new-device-line = Somebody signed in to your account from a device that we had not seen before. If that was you, there is nothing to do.
letter-password-changed-subject = Your password was changed
letter-password-changed-line = The password of your account was changed, and all other sessions were ended.
letter-password-reset-subject = A new password was set by mail
letter-password-reset-line = A new password was set for your account with the link or the code from a mail.
letter-locked-subject = Many wrong passwords for your account
letter-locked-line = Somebody tried many wrong passwords for your account, so strangers have to wait. Devices that you have used before are not affected.
letter-locked-advice = You need to do nothing. If you are worried, end all sessions and set a new password.
letter-email-changed-subject = Your e-mail address was changed
letter-email-changed-line = The e-mail address of your account is now { $email }.

## Ways to sign in

letter-way-app = Authenticator app
letter-way-phone = Text message
letter-way-passkey = Passkey
letter-way-codes = Recovery codes
letter-way-named = { $kind } “{ $name }”

letter-advice-known = If it was not you, somebody knows your password: end all sessions now and set a new one.

letter-way-added-subject = A way to sign in was added
letter-way-added-line = This was added to your account: { $what }.
letter-way-removed-subject = A way to sign in was removed
letter-way-removed-line = This was removed from your account: { $what }.
letter-passkey-copied-subject = A passkey of yours may have been copied
letter-passkey-copied-line = The passkey “{ $what }” was used with an old counter, as a copy of it would be. It was refused; nobody got in with it.
letter-passkey-copied-advice = Remove this passkey and add a new one. If you did not use it just now, end all sessions and set a new password.
letter-app-clock-subject = The clock of your authenticator app was learned anew
letter-app-clock-line = Two codes in a row were entered for { $what }, and its clock was off; from now on we reckon with that.
letter-api-key-made-subject = An API key was made
letter-api-key-made-line = A key was made with which a program can act in your name: { $what }.
letter-codes-made-subject = New recovery codes were made
letter-codes-made-line = New recovery codes were made for your account. The ones that you had before do not work any more.
letter-code-used-subject = A recovery code was used
letter-code-used-line = A recovery code of your account was used; it does not work any more.
letter-code-used-last = It was the last one: make new ones under “My security”.
letter-code-used-few =
    { $left ->
        [one] Only { $left } of the set is left: make new ones under “My security”.
       *[other] Only { $left } of the set are left: make new ones under “My security”.
    }
letter-code-used-left = { $left } of the set are left.
letter-codes-refused-subject = Many wrong codes for your account
letter-codes-refused-line = Somebody who got past your password entered many wrong codes. { $what } is paused for a while; your other ways to sign in work.

## Devices

letter-device-key-subject = One of your devices may have been copied
letter-device-key-line = Somebody signed in with the sign that we know one of your devices by, but not with its key. We asked them for more proof.
letter-device-key-advice = If you did not move or restore a browser just now, end all sessions and set a new password.
letter-device-approved-subject = A new device was approved
letter-device-approved-line = A new device was approved on one that you trust.
letter-device-denied-subject = A new device was refused
letter-device-denied-line = On one of your trusted devices it was said that a sign-in was not yours, or the wrong digits were typed. Nobody got in.
letter-device-codes-refused-subject = Many wrong codes for a new device
letter-device-codes-refused-line = Somebody who got past your password entered many wrong codes to verify a new device. They have to wait now.
letter-device-trust-gone-subject = A device is not trusted any more
letter-device-trust-gone-line = The trust of this device was taken away, and it was signed out: { $what }.
letter-device-forgotten-subject = A device was forgotten
letter-device-forgotten-line = This device was removed from your account, and signed out: { $what }.
letter-device-admitted-subject = An administrator let your device in
letter-device-admitted-line = You can sign in on it now: { $what }.
letter-device-admitted-advice = If it is not yours, end all sessions now and set a new password.
letter-device-not-admitted-subject = An administrator did not let a device in
letter-device-not-admitted-line = Somebody signed in as you on this device, and an administrator refused it: { $what }.

letter-verify-subject = Confirm your new device
letter-verify-line = Somebody, hopefully you, is signing in to your account on a device that we do not know.
letter-verify-ends =
    { $minutes ->
        [one] The code works once, for { $minutes } minute, and only in that browser.
       *[other] The code works once, for { $minutes } minutes, and only in that browser.
    }
letter-verify-not-you = If it was not you, somebody knows your password: do not give the code to anybody, and set a new password.

letter-waits-subject = A device waits to be let in
letter-waits-line = Somebody signs in as this person on a device that no administrator has let in yet.
letter-waits-person = Person
letter-waits-button = Look at the device
letter-waits-ask = Let it in only if you know that it is theirs: ask them, but not by mail. If it is not, refuse it, and have them set a new password.
letter-waits-why = You get this because you may let devices in. While this device waits you get it once an hour at most.

## A first second factor

letter-first-subject = Your code to add a second factor
letter-first-line = Somebody signed in to your account with its password and is about to add a second factor. If that is you, type the code below into the page that asks for it.
letter-first-ends =
    { $minutes ->
        [one] It works for { $minutes } minute, and only in the browser that asked for it. Give it to nobody.
       *[other] It works for { $minutes } minutes, and only in the browser that asked for it. Give it to nobody.
    }
letter-first-not-you = If that was not you, somebody knows your password: set a new one with “Forgot password?”.

letter-away-subject = Confirm that it is you
letter-away-line = You want to add a second factor to your account, which you had not used for a long time. Open this link in the browser in which you are signed in.
letter-away-button = Confirm
letter-away-ends =
    { $minutes ->
        [one] The link works for { $minutes } minute, and only in that browser. If this was not you, somebody knows your password: set a new one.
       *[other] The link works for { $minutes } minutes, and only in that browser. If this was not you, somebody knows your password: set a new one.
    }

## Lost second factors

letter-lost-subject = Remove your lost second factors
letter-lost-line = { $name } of { $organisation } has started this for you, because a second factor of yours is lost. Nothing has been removed yet: the button does it.
letter-lost-button = Remove my second factors
letter-lost-ends =
    { $hours ->
        [one] The link works once, for { $hours } hour. Afterwards you sign in with your password and add a new factor.
       *[other] The link works once, for { $hours } hours. Afterwards you sign in with your password and add a new factor.
    }
letter-lost-nothing = If you lost nothing, do nothing, and tell your administrator.

## Policies

letter-policy-subject = A policy of { $organisation } was changed
letter-policy-line = This holds from now on, for everybody who is signed in, too.
letter-policy-by = By
letter-policy-button = See the policies
letter-policy-why = You get this because you may change policies, too.
letter-policy-require = Second factor
letter-policy-grace = Hours of grace
letter-policy-kinds = Kinds that count
letter-policy-models = Models of passkeys
letter-policy-devices = New devices
letter-policy-trust = Days of trust
letter-policy-limit = Devices at once
letter-policy-lock = Minutes until a session locks
letter-policy-end = Minutes until a session ends
letter-policy-people = Networks of people
letter-policy-agents = Networks of agents
letter-policy-length = Characters of a password
letter-policy-texts = Text messages
letter-policy-countries = Countries of text messages
letter-policy-default = default
letter-policy-any = any
letter-policy-yes = yes
letter-policy-no = no
letter-policy-resistant = phishing-resistant
letter-policy-off = nothing
letter-policy-notify = tell the person
letter-policy-verify = verify
letter-policy-approved = only let in by an administrator

## A text message
# In the alphabet of GSM (3GPP TS 23.038) alone: one other letter makes a message twice as long.

letter-text-code =
    { $minutes ->
        [one] { $code } is your code for { $organisation }. It is good for { $minutes } minute. Nobody from { $organisation } will ever ask you for it.
       *[other] { $code } is your code for { $organisation }. It is good for { $minutes } minutes. Nobody from { $organisation } will ever ask you for it.
    }

## A test

letter-test-subject = Test message from Doorward
letter-test-heading = It arrived
letter-test-line = This is a test message from Doorward at { $address }.
letter-test-asked = { $name } asked for it on { $moment }. That you read it says that mail leaves and arrives.
letter-test-nothing = Nothing needs to be done.

## An invitation

letter-invitation-subject = Join { $organisation }
letter-invitation-line = { $name } invites you to { $organisation }.
letter-invitation-button = Join
letter-invitation-code = If you cannot open the link, go to { $page } and type your e-mail address and this code: { $code }
letter-invitation-ends =
    { $hours ->
        [one] Link and code work once, for { $hours } hour.
       *[other] Link and code work once, for { $hours } hours.
    }
letter-invitation-not-you = If you do not know what this is about, do nothing: without this mail nobody can join in your place.
