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
letter-passkey-copied-subject = Une de vos clés d’accès a peut-être été copiée
letter-passkey-copied-line = La clé d’accès « { $what } » a été utilisée avec un ancien compteur, comme le ferait une copie. Elle a été refusée ; personne n’est entré avec elle.
letter-way-added-subject = Un moyen de connexion a été ajouté
letter-way-added-line = Ceci a été ajouté à votre compte : { $what }.
letter-way-removed-subject = Un moyen de connexion a été supprimé
letter-way-removed-line = Ceci a été supprimé de votre compte : { $what }.
letter-app-clock-subject = L’horloge de votre application d’authentification a été réapprise
letter-app-clock-line = Deux codes successifs ont été saisis pour { $what }, et son horloge était décalée ; nous en tenons compte désormais.
letter-codes-made-subject = De nouveaux codes de secours ont été créés
letter-codes-made-line = De nouveaux codes de secours ont été créés pour votre compte. Les précédents ne fonctionnent plus.
letter-codes-refused-subject = De nombreux codes erronés pour votre compte
letter-codes-refused-line = Quelqu’un qui a passé votre mot de passe a saisi de nombreux codes erronés. { $what } est suspendu pour un moment ; vos autres moyens de connexion fonctionnent.
letter-device-key-subject = Un de vos appareils a peut-être été copié
letter-device-key-line = Quelqu’un s’est connecté avec le signe auquel nous reconnaissons un de vos appareils, mais sans sa clé. Nous lui avons demandé une preuve de plus.
letter-device-approved-subject = Un nouvel appareil a été approuvé
letter-device-approved-line = Un nouvel appareil a été approuvé depuis un appareil de confiance.
letter-device-denied-subject = Un nouvel appareil a été refusé
letter-device-denied-line = Sur un de vos appareils de confiance, il a été indiqué qu’une connexion n’était pas la vôtre, ou des chiffres erronés ont été saisis. Personne n’est entré.
letter-device-codes-refused-subject = De nombreux codes erronés pour un nouvel appareil
letter-device-codes-refused-line = Quelqu’un qui a passé votre mot de passe a saisi de nombreux codes erronés pour un nouvel appareil. Cette personne doit maintenant patienter.
letter-device-trust-gone-subject = Un appareil n’est plus de confiance
letter-device-trust-gone-line = La confiance accordée à cet appareil a été retirée, et il a été déconnecté : { $what }.
letter-device-forgotten-subject = Un appareil a été oublié
letter-device-forgotten-line = Cet appareil a été retiré de votre compte et déconnecté : { $what }.
letter-device-admitted-subject = Un administrateur a autorisé votre appareil
letter-device-admitted-line = Vous pouvez maintenant vous y connecter : { $what }.
letter-device-not-admitted-subject = Un administrateur a refusé un appareil
letter-device-not-admitted-line = Quelqu’un s’est connecté en votre nom sur cet appareil, et un administrateur l’a refusé : { $what }.
letter-passkey-copied-advice = Supprimez cette clé d’accès et ajoutez-en une nouvelle. Si vous ne venez pas de l’utiliser, mettez fin à toutes les sessions et choisissez un nouveau mot de passe.
letter-advice-known = Si ce n’était pas vous, quelqu’un connaît votre mot de passe : mettez fin à toutes les sessions dès maintenant et choisissez-en un nouveau.
letter-device-key-advice = Si vous ne venez pas de déplacer ou de restaurer un navigateur, mettez fin à toutes les sessions et choisissez un nouveau mot de passe.
letter-code-used-subject = Un code de secours a été utilisé
letter-code-used-line = Un code de secours de votre compte a été utilisé ; il ne fonctionne plus.
letter-code-used-last = C’était le dernier : créez-en de nouveaux sous « My security ».
letter-code-used-few = Il n’en reste que { $left } : créez-en de nouveaux sous « My security ».
letter-code-used-left = Il en reste { $left }.

## Un essai

letter-test-subject = Message de test de Doorward
letter-test-heading = Bien arrivé
letter-test-line = Ceci est un message de test de Doorward, à l’adresse { $address }.
letter-test-asked = { $name } l’a demandé le { $moment }. Si vous le lisez, c’est que les e-mails partent et arrivent.
letter-test-nothing = Vous n’avez rien à faire.
