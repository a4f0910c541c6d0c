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
letter-passkey-copied-subject = Einer Ihrer Passkeys wurde möglicherweise kopiert
letter-passkey-copied-line = Der Passkey „{ $what }“ wurde mit einem alten Zählerstand benutzt, wie es eine Kopie täte. Er wurde abgewiesen; niemand ist damit hereingekommen.
letter-way-added-subject = Eine Anmeldemöglichkeit wurde hinzugefügt
letter-way-added-line = Das wurde Ihrem Konto hinzugefügt: { $what }.
letter-way-removed-subject = Eine Anmeldemöglichkeit wurde entfernt
letter-way-removed-line = Das wurde aus Ihrem Konto entfernt: { $what }.
letter-app-clock-subject = Die Uhr Ihrer Authenticator-App wurde neu gelernt
letter-app-clock-line = Für { $what } wurden zwei aufeinanderfolgende Codes eingegeben, und die Uhr ging falsch; wir rechnen von nun an damit.
letter-codes-made-subject = Neue Wiederherstellungscodes wurden erstellt
letter-codes-made-line = Für Ihr Konto wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.
letter-codes-refused-subject = Viele falsche Codes für Ihr Konto
letter-codes-refused-line = Jemand, der Ihr Passwort überwunden hat, hat viele falsche Codes eingegeben. { $what } ist eine Weile gesperrt; Ihre anderen Anmeldemöglichkeiten gehen weiter.
letter-device-key-subject = Eines Ihrer Geräte wurde möglicherweise kopiert
letter-device-key-line = Jemand hat sich mit dem Merkmal angemeldet, an dem wir eines Ihrer Geräte erkennen, aber nicht mit dessen Schlüssel. Wir haben einen weiteren Nachweis verlangt.
letter-device-approved-subject = Ein neues Gerät wurde bestätigt
letter-device-approved-line = Ein neues Gerät wurde auf einem bestätigt, dem Sie vertrauen.
letter-device-denied-subject = Ein neues Gerät wurde abgewiesen
letter-device-denied-line = Auf einem Ihrer vertrauten Geräte wurde angegeben, dass eine Anmeldung nicht von Ihnen war, oder es wurden falsche Ziffern eingegeben. Niemand ist hereingekommen.
letter-device-codes-refused-subject = Viele falsche Codes für ein neues Gerät
letter-device-codes-refused-line = Jemand, der Ihr Passwort überwunden hat, hat viele falsche Codes für ein neues Gerät eingegeben. Er muss jetzt warten.
letter-device-trust-gone-subject = Einem Gerät wird nicht mehr vertraut
letter-device-trust-gone-line = Diesem Gerät wurde das Vertrauen entzogen, und es wurde abgemeldet: { $what }.
letter-device-forgotten-subject = Ein Gerät wurde vergessen
letter-device-forgotten-line = Dieses Gerät wurde aus Ihrem Konto entfernt und abgemeldet: { $what }.
letter-device-admitted-subject = Ein Administrator hat Ihr Gerät zugelassen
letter-device-admitted-line = Sie können sich darauf jetzt anmelden: { $what }.
letter-device-not-admitted-subject = Ein Administrator hat ein Gerät nicht zugelassen
letter-device-not-admitted-line = Jemand hat sich auf diesem Gerät als Sie angemeldet, und ein Administrator hat es abgewiesen: { $what }.
letter-passkey-copied-advice = Entfernen Sie diesen Passkey und fügen Sie einen neuen hinzu. Wenn Sie ihn eben nicht benutzt haben, beenden Sie alle Sitzungen und legen Sie ein neues Passwort fest.
letter-advice-known = Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Beenden Sie jetzt alle Sitzungen und legen Sie ein neues fest.
letter-device-key-advice = Wenn Sie nicht eben einen Browser umgezogen oder wiederhergestellt haben, beenden Sie alle Sitzungen und legen Sie ein neues Passwort fest.
letter-code-used-subject = Ein Wiederherstellungscode wurde benutzt
letter-code-used-line = Ein Wiederherstellungscode Ihres Kontos wurde benutzt; er gilt nicht mehr.
letter-code-used-last = Es war der letzte: Erstellen Sie neue unter „My security“.
letter-code-used-few = Nur noch { $left } davon sind übrig: Erstellen Sie neue unter „My security“.
letter-code-used-left = { $left } sind noch übrig.

## Ein Test

letter-test-subject = Testnachricht von Doorward
letter-test-heading = Angekommen
letter-test-line = Dies ist eine Testnachricht von Doorward unter { $address }.
letter-test-asked = { $name } hat sie am { $moment } angefordert. Dass Sie sie lesen, zeigt: E-Mails gehen hinaus und kommen an.
letter-test-nothing = Sie brauchen nichts zu tun.
