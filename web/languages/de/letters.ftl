### Jede E-Mail und jede SMS, die Doorward verschickt, auf Deutsch. Anrede: Sie.
### Kurz, freundlich, genau. Die erste Zeile eines Briefes beginnt nach „Guten Tag …,“ mit einem Wort, das immer groß geschrieben wird.

## In jedem Brief

letter-hello = Guten Tag { $name },
letter-colon = :
letter-code = Oder geben Sie diesen Code in dem Browser ein, in dem Sie die E-Mail angefordert haben
letter-code-only = Geben Sie diesen Code in dem Browser ein, in dem Sie ihn angefordert haben
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

## Wege der Anmeldung
# Die Seiten sprechen Englisch: Was auf ihnen steht, steht hier ebenso.

letter-way-app = Authenticator-App
letter-way-phone = SMS
letter-way-passkey = Passkey
letter-way-codes = Wiederherstellungscodes
letter-way-named = { $kind } „{ $name }“

letter-advice-known = Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Beenden Sie jetzt alle Sitzungen und legen Sie ein neues fest.

letter-way-added-subject = Eine Anmeldemöglichkeit wurde hinzugefügt
letter-way-added-line = Ihr Konto hat eine neue Anmeldemöglichkeit: { $what }.
letter-way-removed-subject = Eine Anmeldemöglichkeit wurde entfernt
letter-way-removed-line = Von Ihrem Konto wurde entfernt: { $what }.
letter-passkey-copied-subject = Einer Ihrer Passkeys wurde vielleicht kopiert
letter-passkey-copied-line = Der Passkey „{ $what }“ wurde mit einem alten Zählerstand benutzt, wie ihn eine Kopie hätte. Er wurde abgewiesen; niemand ist damit hineingekommen.
letter-passkey-copied-advice = Entfernen Sie diesen Passkey und fügen Sie einen neuen hinzu. Wenn Sie ihn nicht gerade selbst benutzt haben, beenden Sie alle Sitzungen und legen Sie ein neues Passwort fest.
letter-app-clock-subject = Die Uhr Ihrer Authenticator-App wurde neu abgeglichen
letter-app-clock-line = Zwei Codes nacheinander wurden für eine App eingegeben, deren Uhr nicht richtig ging: { $what }. Das berücksichtigen wir von jetzt an.
letter-api-key-made-subject = Ein API-Schlüssel wurde erstellt
letter-api-key-made-line = Für Ihr Konto wurde ein Schlüssel erstellt, mit dem ein Programm in Ihrem Namen handeln kann: { $what }.
letter-codes-made-subject = Neue Wiederherstellungscodes wurden erstellt
letter-codes-made-line = Ihr Konto hat neue Wiederherstellungscodes. Die bisherigen gelten nicht mehr.
letter-code-used-subject = Ein Wiederherstellungscode wurde benutzt
letter-code-used-line = Ein Wiederherstellungscode Ihres Kontos wurde benutzt und gilt nicht mehr.
letter-code-used-last = Es war der letzte: Erstellen Sie neue unter „My security“.
letter-code-used-few =
    { $left ->
        [one] Nur noch { $left } Code ist übrig: Erstellen Sie neue unter „My security“.
       *[other] Nur noch { $left } Codes sind übrig: Erstellen Sie neue unter „My security“.
    }
letter-code-used-left = Es sind noch { $left } Codes übrig.
letter-codes-refused-subject = Viele falsche Codes für Ihr Konto
letter-codes-refused-line = Jemand ist an Ihrem Passwort vorbeigekommen und hat viele falsche Codes eingegeben. Für eine Weile gesperrt ist deshalb: { $what }. Ihre anderen Anmeldemöglichkeiten funktionieren.

## Geräte

letter-device-key-subject = Eines Ihrer Geräte wurde vielleicht kopiert
letter-device-key-line = Jemand hat sich mit dem Kennzeichen angemeldet, an dem wir eines Ihrer Geräte erkennen, aber nicht mit dessen Schlüssel. Wir haben weitere Nachweise verlangt.
letter-device-key-advice = Wenn Sie nicht gerade einen Browser umgezogen oder wiederhergestellt haben, beenden Sie alle Sitzungen und legen Sie ein neues Passwort fest.
letter-device-approved-subject = Ein neues Gerät wurde bestätigt
letter-device-approved-line = Ein neues Gerät wurde auf einem Gerät bestätigt, dem Sie vertrauen.
letter-device-denied-subject = Ein neues Gerät wurde abgelehnt
letter-device-denied-line = Auf einem Ihrer vertrauten Geräte wurde angegeben, dass eine Anmeldung nicht von Ihnen ist, oder es wurden falsche Ziffern eingegeben. Niemand ist hineingekommen.
letter-device-codes-refused-subject = Viele falsche Codes für ein neues Gerät
letter-device-codes-refused-line = Jemand ist an Ihrem Passwort vorbeigekommen und hat viele falsche Codes eingegeben, um ein neues Gerät zu bestätigen. Weitere Versuche müssen jetzt warten.
letter-device-trust-gone-subject = Einem Gerät wird nicht mehr vertraut
letter-device-trust-gone-line = Diesem Gerät wird nicht mehr vertraut, und es wurde abgemeldet: { $what }.
letter-device-forgotten-subject = Ein Gerät wurde entfernt
letter-device-forgotten-line = Dieses Gerät wurde aus Ihrem Konto entfernt und abgemeldet: { $what }.
letter-device-admitted-subject = Ihr Gerät wurde zugelassen
letter-device-admitted-line = Die Administration hat dieses Gerät zugelassen, Sie können sich jetzt darauf anmelden: { $what }.
letter-device-admitted-advice = Wenn es nicht Ihr Gerät ist, beenden Sie jetzt alle Sitzungen und legen Sie ein neues Passwort fest.
letter-device-not-admitted-subject = Ein Gerät wurde nicht zugelassen
letter-device-not-admitted-line = Auf diesem Gerät wurde Ihr Konto zur Anmeldung benutzt, und die Administration hat es abgelehnt: { $what }.

letter-verify-subject = Bestätigen Sie Ihr neues Gerät
letter-verify-line = Jemand, hoffentlich Sie selbst, meldet sich bei Ihrem Konto auf einem Gerät an, das wir nicht kennen.
letter-verify-ends =
    { $minutes ->
        [one] Der Code gilt { $minutes } Minute lang, nur einmal und nur in jenem Browser.
       *[other] Der Code gilt { $minutes } Minuten lang, nur einmal und nur in jenem Browser.
    }
letter-verify-not-you = Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Geben Sie den Code nicht weiter und legen Sie ein neues Passwort fest.

letter-waits-subject = Ein Gerät wartet auf Zulassung
letter-waits-line = Jemand meldet sich als diese Person auf einem Gerät an, das noch nicht zugelassen ist.
letter-waits-person = Person
letter-waits-button = Gerät ansehen
letter-waits-ask = Lassen Sie es nur zu, wenn Sie wissen, dass es das richtige ist: Fragen Sie nach, aber nicht per E-Mail. Wenn es fremd ist, lehnen Sie es ab und bitten Sie um ein neues Passwort.
letter-waits-why = Sie erhalten diese E-Mail, weil Sie Geräte zulassen dürfen. Solange dieses Gerät wartet, kommt sie höchstens einmal in der Stunde.

## Ein erster zweiter Faktor

letter-first-subject = Ihr Code für einen zweiten Faktor
letter-first-line = Jemand hat sich mit dem Passwort Ihres Kontos angemeldet und will einen zweiten Faktor hinzufügen. Wenn Sie das sind, geben Sie den Code unten auf der Seite ein, die danach fragt.
letter-first-ends =
    { $minutes ->
        [one] Er gilt { $minutes } Minute lang und nur in dem Browser, in dem er angefordert wurde. Geben Sie ihn niemandem.
       *[other] Er gilt { $minutes } Minuten lang und nur in dem Browser, in dem er angefordert wurde. Geben Sie ihn niemandem.
    }
letter-first-not-you = Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Legen Sie mit „Forgot password?“ ein neues fest.

letter-away-subject = Bestätigen Sie, dass Sie es sind
letter-away-line = Sie möchten Ihrem Konto, das Sie lange nicht benutzt hatten, einen zweiten Faktor hinzufügen. Öffnen Sie diesen Link in dem Browser, in dem Sie angemeldet sind.
letter-away-button = Bestätigen
letter-away-ends =
    { $minutes ->
        [one] Der Link gilt { $minutes } Minute lang und nur in jenem Browser. Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Legen Sie ein neues fest.
       *[other] Der Link gilt { $minutes } Minuten lang und nur in jenem Browser. Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Legen Sie ein neues fest.
    }

## Verlorene zweite Faktoren

letter-lost-subject = Entfernen Sie Ihre verlorenen zweiten Faktoren
letter-lost-line = { $name } von { $organisation } hat dies für Sie begonnen, weil Sie einen zweiten Faktor verloren haben. Noch ist nichts entfernt: Das tut erst die Schaltfläche.
letter-lost-button = Meine zweiten Faktoren entfernen
letter-lost-ends =
    { $hours ->
        [one] Der Link gilt { $hours } Stunde lang und nur einmal. Danach melden Sie sich mit Ihrem Passwort an und fügen einen neuen Faktor hinzu.
       *[other] Der Link gilt { $hours } Stunden lang und nur einmal. Danach melden Sie sich mit Ihrem Passwort an und fügen einen neuen Faktor hinzu.
    }
letter-lost-nothing = Wenn Sie nichts verloren haben, tun Sie nichts, und sagen Sie Ihrer Administration Bescheid.

## Richtlinien

letter-policy-subject = Eine Richtlinie von { $organisation } wurde geändert
letter-policy-line = Dies gilt ab jetzt, auch für alle, die gerade angemeldet sind.
letter-policy-by = Von
letter-policy-button = Richtlinien ansehen
letter-policy-why = Sie erhalten diese E-Mail, weil auch Sie Richtlinien ändern dürfen.
letter-policy-require = Zweiter Faktor
letter-policy-grace = Stunden Aufschub
letter-policy-kinds = Was als Faktor zählt
letter-policy-models = Passkey-Modelle
letter-policy-devices = Neue Geräte
letter-policy-trust = Tage des Vertrauens
letter-policy-limit = Geräte gleichzeitig
letter-policy-lock = Minuten, bis eine Sitzung gesperrt wird
letter-policy-end = Minuten, bis eine Sitzung endet
letter-policy-people = Netzwerke für Personen
letter-policy-agents = Netzwerke für Agenten
letter-policy-length = Zeichen eines Passworts
letter-policy-texts = SMS
letter-policy-countries = Länder für SMS
letter-policy-default = Vorgabe
letter-policy-any = alle
letter-policy-yes = ja
letter-policy-no = nein
letter-policy-resistant = vor Phishing geschützt
letter-policy-off = nichts
letter-policy-notify = der Person mitteilen
letter-policy-verify = bestätigen lassen
letter-policy-approved = nur von der Administration zugelassene

## Eine SMS
# Nur aus dem GSM-Alphabet (3GPP TS 23.038): Ein anderer Buchstabe macht eine Nachricht doppelt so lang.

letter-text-code =
    { $minutes ->
        [one] { $code } ist Ihr Code für { $organisation }. Er gilt { $minutes } Minute. Niemand von { $organisation } wird Sie je danach fragen.
       *[other] { $code } ist Ihr Code für { $organisation }. Er gilt { $minutes } Minuten. Niemand von { $organisation } wird Sie je danach fragen.
    }

## Ein Test

letter-test-subject = Testnachricht von Doorward
letter-test-heading = Angekommen
letter-test-line = Dies ist eine Testnachricht von Doorward unter { $address }.
letter-test-asked = { $name } hat sie am { $moment } angefordert. Dass Sie sie lesen, zeigt: E-Mails gehen hinaus und kommen an.
letter-test-nothing = Sie brauchen nichts zu tun.

## Eine Einladung

letter-invitation-subject = Einladung zu { $organisation }
letter-invitation-line = { $name } lädt Sie zu { $organisation } ein.
letter-invitation-button = Beitreten
letter-invitation-code = Falls Sie den Link nicht öffnen können: Geben Sie unter { $page } Ihre E-Mail-Adresse und diesen Code ein: { $code }
letter-invitation-ends =
    { $hours ->
        [one] Link und Code gelten einmal, { $hours } Stunde lang.
       *[other] Link und Code gelten einmal, { $hours } Stunden lang.
    }
letter-invitation-not-you = Wenn Sie nicht wissen, worum es geht, brauchen Sie nichts zu tun: Ohne diese E-Mail kann niemand an Ihrer Stelle beitreten.
