### Jede E-Mail, die Doorward verschickt, auf Deutsch. Anrede: Sie.
### Kurz, freundlich, genau. Die erste Zeile eines Briefes beginnt nach „Guten Tag …,“ mit einem Wort, das immer groß geschrieben wird.

## In jedem Brief

letter-hello = Guten Tag { $name },
letter-colon = :
letter-code = Oder geben Sie diesen Code in dem Browser ein, in dem Sie die E-Mail angefordert haben
letter-questions = Fragen
letter-not-me = Das war ich nicht
letter-advice = Wenn Sie das nicht waren, beenden Sie jetzt alle Sitzungen und legen Sie ein neues Passwort fest.

letter-time = Zeit
letter-device = Gerät
letter-network = Netzwerk
letter-moment =
    { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year } um { $time } Uhr (UTC)
letter-device-on = { $browser } auf { $system }
letter-device-some = Ein Browser auf { $system }
letter-device-unknown = Unbekannter Browser

## Ein neues Passwort

letter-reset-subject = Neues Passwort festlegen
letter-reset-line = Ihr Konto soll ein neues Passwort bekommen: Darum hat jemand gebeten, hoffentlich Sie selbst.
letter-reset-button = Neues Passwort festlegen
letter-reset-ends =
    { $minutes ->
        [one] Link und Code gelten { $minutes } Minute lang und nur einmal.
       *[other] Link und Code gelten { $minutes } Minuten lang und nur einmal.
    }
letter-reset-not-you = Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ohne diese E-Mail kann niemand Ihr Passwort ändern.

## Eine andere Adresse

letter-confirm-subject = Bestätigen Sie Ihre neue E-Mail-Adresse
letter-confirm-line = Ihr Konto soll künftig die Adresse { $email } haben. Bitte bestätigen Sie das.
letter-confirm-button = Diese Adresse bestätigen
letter-confirm-ends =
    { $hours ->
        [one] Der Link gilt { $hours } Stunde lang und nur einmal. Wenn Sie nicht darum gebeten haben, brauchen Sie nichts zu tun.
       *[other] Der Link gilt { $hours } Stunden lang und nur einmal. Wenn Sie nicht darum gebeten haben, brauchen Sie nichts zu tun.
    }
letter-undo-subject = Ihre E-Mail-Adresse wurde geändert
letter-undo-line = Ihr Konto hat jetzt die E-Mail-Adresse { $email }. Die Adresse, unter der Sie dies lesen, wird nicht mehr verwendet.
letter-undo-button = Änderung rückgängig machen
letter-undo-ends =
    { $days ->
        [one] Wenn Sie das waren, ist nichts weiter zu tun. Die Schaltfläche gilt { $days } Tag lang; sie beendet auch alle Sitzungen.
       *[other] Wenn Sie das waren, ist nichts weiter zu tun. Die Schaltfläche gilt { $days } Tage lang; sie beendet auch alle Sitzungen.
    }

## Mitteilungen

letter-new-device-subject = Neue Anmeldung bei Ihrem Konto
letter-new-device-line = Ihr Konto wurde von einem Gerät aus benutzt, das wir noch nicht kannten. Wenn Sie sich dort angemeldet haben, ist nichts weiter zu tun.
letter-password-changed-subject = Ihr Passwort wurde geändert
letter-password-changed-line = Ihr Passwort wurde geändert, und alle anderen Sitzungen wurden beendet.
letter-password-reset-subject = Ein neues Passwort wurde per E-Mail festgelegt
letter-password-reset-line = Ihr Konto hat ein neues Passwort. Es wurde mit dem Link oder dem Code aus einer E-Mail festgelegt.
letter-locked-subject = Viele falsche Passwörter für Ihr Konto
letter-locked-line = Ihr Konto war das Ziel vieler falscher Passwörter, deshalb müssen Unbekannte jetzt warten. Geräte, die Sie schon benutzt haben, sind davon nicht betroffen.
letter-locked-advice = Sie brauchen nichts zu tun. Wenn Sie sich Sorgen machen, beenden Sie alle Sitzungen und legen Sie ein neues Passwort fest.
letter-email-changed-subject = Ihre E-Mail-Adresse wurde geändert
letter-email-changed-line = Ihr Konto hat jetzt die E-Mail-Adresse { $email }.

## Ein Test

letter-test-subject = Testnachricht von Doorward
letter-test-heading = Angekommen
letter-test-line = Dies ist eine Testnachricht von Doorward unter { $address }.
letter-test-asked = { $name } hat sie am { $moment } angefordert. Dass Sie sie lesen, zeigt: E-Mails gehen hinaus und kommen an.
letter-test-nothing = Sie brauchen nichts zu tun.
