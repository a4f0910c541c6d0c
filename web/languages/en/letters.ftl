### Every mail that Doorward sends, in English.
### Short, warm, exact: never more than the fact, the time, the place, and what to do. A key is never put together from parts.

## In every letter

letter-hello = Hello { $name },
letter-colon = :
letter-code = Or type this code in the browser that asked for it
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

## A test

letter-test-subject = Test message from Doorward
letter-test-heading = It arrived
letter-test-line = This is a test message from Doorward at { $address }.
letter-test-asked = { $name } asked for it on { $moment }. That you read it says that mail leaves and arrives.
letter-test-nothing = Nothing needs to be done.
