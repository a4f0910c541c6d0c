### Chaque e-mail que Doorward envoie, en français. Vouvoiement.
### Court, aimable, exact. Apostrophe typographique (’) ; devant « : », une espace insécable.

## Dans chaque lettre

letter-hello = Bonjour { $name },
letter-colon = { "\u00A0:" }
letter-code = Ou saisissez ce code dans le navigateur qui a servi à la demande
letter-questions = Questions
letter-not-me = Ce n’était pas moi
letter-advice = Si ce n’était pas vous, mettez fin à toutes les sessions dès maintenant et choisissez un nouveau mot de passe.

letter-time = Date et heure
letter-device = Appareil
letter-network = Réseau
letter-moment =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    } { $year } à { $time } (UTC)
letter-device-on = { $browser } sur { $system }
letter-device-some = Un navigateur sur { $system }
letter-device-unknown = Navigateur inconnu

## Un nouveau mot de passe

letter-reset-subject = Choisissez un nouveau mot de passe
letter-reset-line = Quelqu’un, vous-même nous l’espérons, a demandé un nouveau mot de passe pour votre compte.
letter-reset-button = Choisir un nouveau mot de passe
letter-reset-ends =
    { $minutes ->
        [one] Le lien et le code fonctionnent une seule fois, pendant { $minutes } minute.
       *[other] Le lien et le code fonctionnent une seule fois, pendant { $minutes } minutes.
    }
letter-reset-not-you = Si ce n’était pas vous, ne faites rien. Sans cet e-mail, personne ne peut changer votre mot de passe.

## Une autre adresse

letter-confirm-subject = Confirmez votre nouvelle adresse e-mail
letter-confirm-line = Confirmez que { $email } doit devenir l’adresse de votre compte.
letter-confirm-button = Confirmer cette adresse
letter-confirm-ends =
    { $hours ->
        [one] Le lien fonctionne une seule fois, pendant { $hours } heure. Si vous n’avez rien demandé, ne faites rien.
       *[other] Le lien fonctionne une seule fois, pendant { $hours } heures. Si vous n’avez rien demandé, ne faites rien.
    }
letter-undo-subject = Votre adresse e-mail a été modifiée
letter-undo-line = L’adresse e-mail de votre compte est désormais { $email }. L’adresse à laquelle vous recevez ce message n’est plus utilisée.
letter-undo-button = Annuler la modification
letter-undo-ends =
    { $days ->
        [one] Si c’était vous, il n’y a rien à faire. Le bouton fonctionne pendant { $days } jour, et met aussi fin à toutes les sessions.
       *[other] Si c’était vous, il n’y a rien à faire. Le bouton fonctionne pendant { $days } jours, et met aussi fin à toutes les sessions.
    }

## Avis

letter-new-device-subject = Nouvelle connexion à votre compte
letter-new-device-line = Quelqu’un s’est connecté à votre compte depuis un appareil que nous ne connaissions pas encore. Si c’était vous, il n’y a rien à faire.
letter-password-changed-subject = Votre mot de passe a été modifié
letter-password-changed-line = Le mot de passe de votre compte a été modifié, et toutes les autres sessions ont pris fin.
letter-password-reset-subject = Un nouveau mot de passe a été défini par e-mail
letter-password-reset-line = Un nouveau mot de passe a été défini pour votre compte, avec le lien ou le code d’un e-mail.
letter-locked-subject = De nombreux mots de passe erronés pour votre compte
letter-locked-line = Quelqu’un a essayé de nombreux mots de passe erronés pour votre compte, et les inconnus doivent donc patienter. Les appareils que vous avez déjà utilisés ne sont pas concernés.
letter-locked-advice = Vous n’avez rien à faire. En cas de doute, mettez fin à toutes les sessions et choisissez un nouveau mot de passe.
letter-email-changed-subject = Votre adresse e-mail a été modifiée
letter-email-changed-line = L’adresse e-mail de votre compte est désormais { $email }.

## Un essai

letter-test-subject = Message de test de Doorward
letter-test-heading = Bien arrivé
letter-test-line = Ceci est un message de test de Doorward, à l’adresse { $address }.
letter-test-asked = { $name } l’a demandé le { $moment }. Si vous le lisez, c’est que les e-mails partent et arrivent.
letter-test-nothing = Vous n’avez rien à faire.
