### Elke e-mail en elke sms die Doorward verstuurt, in het Nederlands. Aanspreekvorm: u.
### Kort, vriendelijk, precies.

## In elke brief

letter-hello = Beste { $name },
letter-colon = :
letter-code = Of typ deze code in de browser waarin u de e-mail hebt aangevraagd
letter-code-only = Typ deze code in de browser waarin u hem hebt aangevraagd
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

## Manieren van aanmelden
# De pagina’s zijn in het Engels: wat daar staat, staat hier net zo.

letter-way-app = Authenticator-app
letter-way-phone = Sms
letter-way-passkey = Passkey
letter-way-codes = Herstelcodes
letter-way-named = { $kind } ‘{ $name }’

letter-advice-known = Was u dit niet? Dan kent iemand uw wachtwoord: beëindig nu alle sessies en kies een nieuw wachtwoord.

letter-way-added-subject = Er is een manier van aanmelden toegevoegd
letter-way-added-line = Dit is aan uw account toegevoegd: { $what }.
letter-way-removed-subject = Er is een manier van aanmelden verwijderd
letter-way-removed-line = Dit is van uw account verwijderd: { $what }.
letter-passkey-copied-subject = Een van uw passkeys is misschien gekopieerd
letter-passkey-copied-line = De passkey ‘{ $what }’ is met een oude teller gebruikt, zoals een kopie dat zou doen. Hij is geweigerd; niemand is ermee binnengekomen.
letter-passkey-copied-advice = Verwijder deze passkey en voeg een nieuwe toe. Hebt u hem niet zojuist zelf gebruikt? Beëindig dan alle sessies en kies een nieuw wachtwoord.
letter-app-clock-subject = De klok van uw authenticator-app is opnieuw afgestemd
letter-app-clock-line = Er zijn twee codes na elkaar ingevoerd voor een app waarvan de klok niet goed liep: { $what }. Daar houden we voortaan rekening mee.
letter-api-key-made-subject = Er is een API-sleutel gemaakt
letter-api-key-made-line = Er is een sleutel gemaakt waarmee een programma namens u kan handelen: { $what }.
letter-codes-made-subject = Er zijn nieuwe herstelcodes gemaakt
letter-codes-made-line = Er zijn nieuwe herstelcodes voor uw account gemaakt. De codes die u eerder had, werken niet meer.
letter-code-used-subject = Er is een herstelcode gebruikt
letter-code-used-line = Er is een herstelcode van uw account gebruikt; die werkt niet meer.
letter-code-used-last = Het was de laatste: maak nieuwe onder ‘My security’.
letter-code-used-few = U hebt er nog maar { $left } over: maak nieuwe onder ‘My security’.
letter-code-used-left = U hebt er nog { $left } over.
letter-codes-refused-subject = Veel verkeerde codes voor uw account
letter-codes-refused-line = Iemand is voorbij uw wachtwoord gekomen en heeft veel verkeerde codes ingevoerd. Dit is daarom een tijdje gepauzeerd: { $what }. Uw andere manieren van aanmelden werken.

## Apparaten

letter-device-key-subject = Een van uw apparaten is misschien gekopieerd
letter-device-key-line = Iemand heeft zich aangemeld met het teken waaraan we een van uw apparaten herkennen, maar niet met de sleutel ervan. We hebben om meer bewijs gevraagd.
letter-device-key-advice = Hebt u niet zojuist een browser verhuisd of hersteld? Beëindig dan alle sessies en kies een nieuw wachtwoord.
letter-device-approved-subject = Er is een nieuw apparaat goedgekeurd
letter-device-approved-line = Er is een nieuw apparaat goedgekeurd op een apparaat dat u vertrouwt.
letter-device-denied-subject = Er is een nieuw apparaat geweigerd
letter-device-denied-line = Op een van uw vertrouwde apparaten is aangegeven dat een aanmelding niet van u was, of er zijn verkeerde cijfers getypt. Niemand is binnengekomen.
letter-device-codes-refused-subject = Veel verkeerde codes voor een nieuw apparaat
letter-device-codes-refused-line = Iemand is voorbij uw wachtwoord gekomen en heeft veel verkeerde codes ingevoerd om een nieuw apparaat te verifiëren. Die persoon moet nu wachten.
letter-device-trust-gone-subject = Een apparaat wordt niet meer vertrouwd
letter-device-trust-gone-line = Dit apparaat wordt niet meer vertrouwd en is afgemeld: { $what }.
letter-device-forgotten-subject = Er is een apparaat vergeten
letter-device-forgotten-line = Dit apparaat is van uw account verwijderd en afgemeld: { $what }.
letter-device-admitted-subject = Een beheerder heeft uw apparaat toegelaten
letter-device-admitted-line = U kunt zich er nu op aanmelden: { $what }.
letter-device-admitted-advice = Is het niet van u? Beëindig dan nu alle sessies en kies een nieuw wachtwoord.
letter-device-not-admitted-subject = Een beheerder heeft een apparaat niet toegelaten
letter-device-not-admitted-line = Iemand heeft zich op dit apparaat als u aangemeld, en een beheerder heeft het geweigerd: { $what }.

letter-verify-subject = Bevestig uw nieuwe apparaat
letter-verify-line = Iemand, hopelijk uzelf, meldt zich bij uw account aan op een apparaat dat we niet kennen.
letter-verify-ends =
    { $minutes ->
        [one] De code werkt één keer, gedurende { $minutes } minuut en alleen in die browser.
       *[other] De code werkt één keer, gedurende { $minutes } minuten en alleen in die browser.
    }
letter-verify-not-you = Was u dit niet? Dan kent iemand uw wachtwoord: geef de code aan niemand en kies een nieuw wachtwoord.

letter-waits-subject = Een apparaat wacht op toelating
letter-waits-line = Iemand meldt zich als deze persoon aan op een apparaat dat nog door geen beheerder is toegelaten.
letter-waits-person = Persoon
letter-waits-button = Het apparaat bekijken
letter-waits-ask = Laat het alleen toe als u weet dat het van deze persoon is: vraag het na, maar niet per e-mail. Is het dat niet, weiger het dan en laat een nieuw wachtwoord kiezen.
letter-waits-why = U krijgt dit bericht omdat u apparaten mag toelaten. Zolang dit apparaat wacht, krijgt u het hoogstens één keer per uur.

## Een eerste tweede factor

letter-first-subject = Uw code om een tweede factor toe te voegen
letter-first-line = Iemand heeft zich met het wachtwoord van uw account aangemeld en staat op het punt een tweede factor toe te voegen. Bent u dat? Typ dan de code hieronder op de pagina die erom vraagt.
letter-first-ends =
    { $minutes ->
        [one] De code werkt { $minutes } minuut en alleen in de browser waarin erom is gevraagd. Geef hem aan niemand.
       *[other] De code werkt { $minutes } minuten en alleen in de browser waarin erom is gevraagd. Geef hem aan niemand.
    }
letter-first-not-you = Was u dit niet? Dan kent iemand uw wachtwoord: kies een nieuw met ‘Forgot password?’.

letter-away-subject = Bevestig dat u het bent
letter-away-line = U wilt een tweede factor toevoegen aan uw account, dat u lange tijd niet had gebruikt. Open deze link in de browser waarin u bent aangemeld.
letter-away-button = Bevestigen
letter-away-ends =
    { $minutes ->
        [one] De link werkt { $minutes } minuut en alleen in die browser. Was u dit niet? Dan kent iemand uw wachtwoord: kies een nieuw wachtwoord.
       *[other] De link werkt { $minutes } minuten en alleen in die browser. Was u dit niet? Dan kent iemand uw wachtwoord: kies een nieuw wachtwoord.
    }

## Verloren tweede factoren

letter-lost-subject = Verwijder uw verloren tweede factoren
letter-lost-line = { $name } van { $organisation } heeft dit voor u in gang gezet, omdat u een tweede factor bent kwijtgeraakt. Er is nog niets verwijderd: dat doet de knop.
letter-lost-button = Mijn tweede factoren verwijderen
letter-lost-ends = De link werkt één keer, gedurende { $hours } uur. Daarna meldt u zich aan met uw wachtwoord en voegt u een nieuwe factor toe.
letter-lost-nothing = Bent u niets kwijt? Doe dan niets en vertel het uw beheerder.

## Beleid

letter-policy-subject = Een beleidsregel van { $organisation } is gewijzigd
letter-policy-line = Dit geldt vanaf nu, ook voor iedereen die al is aangemeld.
letter-policy-by = Door
letter-policy-button = Het beleid bekijken
letter-policy-why = U krijgt dit bericht omdat ook u het beleid mag wijzigen.
letter-policy-require = Tweede factor
letter-policy-grace = Uren uitstel
letter-policy-kinds = Wat als factor telt
letter-policy-models = Modellen van passkeys
letter-policy-devices = Nieuwe apparaten
letter-policy-trust = Dagen vertrouwen
letter-policy-limit = Apparaten tegelijk
letter-policy-lock = Minuten tot een sessie vergrendelt
letter-policy-end = Minuten tot een sessie eindigt
letter-policy-people = Netwerken van personen
letter-policy-agents = Netwerken van agents
letter-policy-length = Tekens van een wachtwoord
letter-policy-texts = Sms
letter-policy-countries = Landen voor sms
letter-policy-default = standaard
letter-policy-any = alle
letter-policy-yes = ja
letter-policy-no = nee
letter-policy-resistant = bestand tegen phishing
letter-policy-off = niets
letter-policy-notify = de persoon inlichten
letter-policy-verify = verifiëren
letter-policy-approved = alleen door een beheerder toegelaten

## Een sms
# Alleen met het gsm-alfabet (3GPP TS 23.038): één andere letter maakt een bericht twee keer zo lang.

letter-text-code =
    { $minutes ->
        [one] { $code } is uw code voor { $organisation }. Hij is { $minutes } minuut geldig. Niemand van { $organisation } zal u er ooit om vragen.
       *[other] { $code } is uw code voor { $organisation }. Hij is { $minutes } minuten geldig. Niemand van { $organisation } zal u er ooit om vragen.
    }

## Een test

letter-test-subject = Testbericht van Doorward
letter-test-heading = Aangekomen
letter-test-line = Dit is een testbericht van Doorward op { $address }.
letter-test-asked = { $name } heeft erom gevraagd op { $moment }. Dat u het leest, laat zien dat e-mail vertrekt en aankomt.
letter-test-nothing = U hoeft niets te doen.

## Een uitnodiging

letter-invitation-subject = Uitnodiging voor { $organisation }
letter-invitation-line = { $name } nodigt u uit voor { $organisation }.
letter-invitation-button = Deelnemen
letter-invitation-code = Kunt u de link niet openen, ga dan naar { $page } en typ uw e-mailadres en deze code: { $code }
letter-invitation-ends =
    { $hours ->
        [one] Link en code werken één keer, { $hours } uur lang.
       *[other] Link en code werken één keer, { $hours } uur lang.
    }
letter-invitation-not-you = Weet u niet waar dit over gaat, doe dan niets: zonder deze e-mail kan niemand in uw plaats deelnemen.
