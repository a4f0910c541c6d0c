### Elke e-mail die Doorward verstuurt, in het Nederlands. Aanspreekvorm: u.
### Kort, vriendelijk, precies.

## In elke brief

letter-hello = Beste { $name },
letter-colon = :
letter-code = Of typ deze code in de browser waarin u de e-mail hebt aangevraagd
letter-questions = Vragen
letter-not-me = Dit was ik niet
letter-advice = Was u dit niet? Beëindig dan nu alle sessies en kies een nieuw wachtwoord.

letter-time = Tijdstip
letter-device = Apparaat
letter-network = Netwerk
letter-moment =
    { $day } { $month ->
        [1] januari
        [2] februari
        [3] maart
        [4] april
        [5] mei
        [6] juni
        [7] juli
        [8] augustus
        [9] september
        [10] oktober
        [11] november
       *[12] december
    } { $year } om { $time } uur (UTC)
letter-device-on = { $browser } op { $system }
letter-device-some = Een browser op { $system }
letter-device-unknown = Onbekende browser

## Een nieuw wachtwoord

letter-reset-subject = Kies een nieuw wachtwoord
letter-reset-line = Iemand, hopelijk uzelf, heeft een nieuw wachtwoord voor uw account aangevraagd.
letter-reset-button = Een nieuw wachtwoord kiezen
letter-reset-ends =
    { $minutes ->
        [one] De link en de code werken één keer, gedurende { $minutes } minuut.
       *[other] De link en de code werken één keer, gedurende { $minutes } minuten.
    }
letter-reset-not-you = Was u dit niet? Dan hoeft u niets te doen: zonder deze e-mail kan niemand uw wachtwoord wijzigen.

## Een ander adres

letter-confirm-subject = Bevestig uw nieuwe e-mailadres
letter-confirm-line = Bevestig dat { $email } het adres van uw account wordt.
letter-confirm-button = Dit adres bevestigen
letter-confirm-ends = De link werkt één keer, gedurende { $hours } uur. Hebt u hier niet om gevraagd? Dan hoeft u niets te doen.
letter-undo-subject = Uw e-mailadres is gewijzigd
letter-undo-line = Het e-mailadres van uw account is nu { $email }. Het adres waarop u dit bericht ontvangt, wordt niet meer gebruikt.
letter-undo-button = De wijziging ongedaan maken
letter-undo-ends =
    { $days ->
        [one] Was u dit zelf? Dan hoeft u niets te doen. De knop werkt { $days } dag en beëindigt ook alle sessies.
       *[other] Was u dit zelf? Dan hoeft u niets te doen. De knop werkt { $days } dagen en beëindigt ook alle sessies.
    }

## Meldingen

letter-new-device-subject = Nieuwe aanmelding bij uw account
letter-new-device-line = Iemand heeft zich bij uw account aangemeld vanaf een apparaat dat we nog niet kenden. Was u dit zelf? Dan hoeft u niets te doen.
letter-password-changed-subject = Uw wachtwoord is gewijzigd
letter-password-changed-line = Het wachtwoord van uw account is gewijzigd en alle andere sessies zijn beëindigd.
letter-password-reset-subject = Er is via e-mail een nieuw wachtwoord ingesteld
letter-password-reset-line = Voor uw account is een nieuw wachtwoord ingesteld met de link of de code uit een e-mail.
letter-locked-subject = Veel verkeerde wachtwoorden voor uw account
letter-locked-line = Iemand heeft veel verkeerde wachtwoorden voor uw account geprobeerd, dus onbekenden moeten nu wachten. Apparaten die u al eerder hebt gebruikt, hebben daar geen last van.
letter-locked-advice = U hoeft niets te doen. Maakt u zich zorgen? Beëindig dan alle sessies en kies een nieuw wachtwoord.
letter-email-changed-subject = Uw e-mailadres is gewijzigd
letter-email-changed-line = Het e-mailadres van uw account is nu { $email }.
letter-passkey-copied-subject = Een van uw passkeys is mogelijk gekopieerd
letter-passkey-copied-line = De passkey ‘{ $what }’ is gebruikt met een oude tellerstand, zoals een kopie dat zou doen. Hij is geweigerd; niemand is ermee binnengekomen.
letter-way-added-subject = Er is een manier van inloggen toegevoegd
letter-way-added-line = Dit is aan uw account toegevoegd: { $what }.
letter-way-removed-subject = Er is een manier van inloggen verwijderd
letter-way-removed-line = Dit is uit uw account verwijderd: { $what }.
letter-app-clock-subject = De klok van uw authenticator-app is opnieuw geleerd
letter-app-clock-line = Voor { $what } zijn twee opeenvolgende codes ingevoerd en de klok liep niet gelijk; vanaf nu houden we daar rekening mee.
letter-codes-made-subject = Er zijn nieuwe herstelcodes gemaakt
letter-codes-made-line = Er zijn nieuwe herstelcodes voor uw account gemaakt. De vorige werken niet meer.
letter-codes-refused-subject = Veel verkeerde codes voor uw account
letter-codes-refused-line = Iemand die voorbij uw wachtwoord kwam, heeft veel verkeerde codes ingevoerd. { $what } is een tijdje gepauzeerd; uw andere manieren van inloggen werken.
letter-device-key-subject = Een van uw apparaten is mogelijk gekopieerd
letter-device-key-line = Iemand heeft ingelogd met het kenmerk waaraan we een van uw apparaten herkennen, maar niet met de sleutel ervan. We hebben om meer bewijs gevraagd.
letter-device-approved-subject = Een nieuw apparaat is goedgekeurd
letter-device-approved-line = Een nieuw apparaat is goedgekeurd op een apparaat dat u vertrouwt.
letter-device-denied-subject = Een nieuw apparaat is geweigerd
letter-device-denied-line = Op een van uw vertrouwde apparaten is gemeld dat u niet inlogde, of er zijn verkeerde cijfers getypt. Niemand is binnengekomen.
letter-device-codes-refused-subject = Veel verkeerde codes voor een nieuw apparaat
letter-device-codes-refused-line = Iemand die voorbij uw wachtwoord kwam, heeft veel verkeerde codes voor een nieuw apparaat ingevoerd. Diegene moet nu wachten.
letter-device-trust-gone-subject = Een apparaat wordt niet meer vertrouwd
letter-device-trust-gone-line = Het vertrouwen in dit apparaat is ingetrokken en het is uitgelogd: { $what }.
letter-device-forgotten-subject = Een apparaat is vergeten
letter-device-forgotten-line = Dit apparaat is uit uw account verwijderd en uitgelogd: { $what }.
letter-device-admitted-subject = Een beheerder heeft uw apparaat toegelaten
letter-device-admitted-line = U kunt er nu op inloggen: { $what }.
letter-device-not-admitted-subject = Een beheerder heeft een apparaat niet toegelaten
letter-device-not-admitted-line = Iemand heeft op dit apparaat als u ingelogd en een beheerder heeft het geweigerd: { $what }.
letter-passkey-copied-advice = Verwijder deze passkey en voeg een nieuwe toe. Hebt u hem niet zojuist gebruikt? Beëindig dan alle sessies en kies een nieuw wachtwoord.
letter-advice-known = Was u dit niet? Dan kent iemand uw wachtwoord: beëindig nu alle sessies en kies een nieuw wachtwoord.
letter-device-key-advice = Hebt u niet zojuist een browser verhuisd of hersteld? Beëindig dan alle sessies en kies een nieuw wachtwoord.
letter-code-used-subject = Een herstelcode is gebruikt
letter-code-used-line = Een herstelcode van uw account is gebruikt; hij werkt niet meer.
letter-code-used-last = Het was de laatste: maak nieuwe onder ‘My security’.
letter-code-used-few = Er zijn er nog maar { $left } over: maak nieuwe onder ‘My security’.
letter-code-used-left = Er zijn er nog { $left } over.

## Een test

letter-test-subject = Testbericht van Doorward
letter-test-heading = Aangekomen
letter-test-line = Dit is een testbericht van Doorward op { $address }.
letter-test-asked = { $name } heeft erom gevraagd op { $moment }. Dat u het leest, laat zien dat e-mail vertrekt en aankomt.
letter-test-nothing = U hoeft niets te doen.
