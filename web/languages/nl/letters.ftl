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

## Een test

letter-test-subject = Testbericht van Doorward
letter-test-heading = Aangekomen
letter-test-line = Dit is een testbericht van Doorward op { $address }.
letter-test-asked = { $name } heeft erom gevraagd op { $moment }. Dat u het leest, laat zien dat e-mail vertrekt en aankomt.
letter-test-nothing = U hoeft niets te doen.
