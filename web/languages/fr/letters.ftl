### Chaque e-mail et chaque SMS que Doorward envoie, en français. Vouvoiement.
### Court, aimable, exact. Apostrophe typographique (’) ; devant « : », une espace insécable.

## Dans chaque lettre

letter-hello = Bonjour { $name },
letter-colon = { "\u00A0:" }
letter-code = Ou saisissez ce code dans le navigateur qui a servi à la demande
letter-code-only = Saisissez ce code dans le navigateur qui a servi à la demande
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

## Façons de se connecter
# Les pages sont en anglais : ce qui s’y trouve est écrit ici de même.

letter-way-app = Application d’authentification
letter-way-phone = SMS
letter-way-passkey = Clé d’accès
letter-way-codes = Codes de secours
letter-way-named = { $kind } « { $name } »

letter-advice-known = Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Mettez fin à toutes les sessions dès maintenant et choisissez-en un nouveau.

letter-way-added-subject = Une façon de se connecter a été ajoutée
letter-way-added-line = Ceci a été ajouté à votre compte : { $what }.
letter-way-removed-subject = Une façon de se connecter a été retirée
letter-way-removed-line = Ceci a été retiré de votre compte : { $what }.
letter-passkey-copied-subject = L’une de vos clés d’accès a peut-être été copiée
letter-passkey-copied-line = La clé d’accès « { $what } » a été utilisée avec un ancien compteur, comme le ferait une copie. Elle a été refusée ; personne n’est entré avec elle.
letter-passkey-copied-advice = Retirez cette clé d’accès et ajoutez-en une nouvelle. Si vous ne venez pas de l’utiliser, mettez fin à toutes les sessions et choisissez un nouveau mot de passe.
letter-app-clock-subject = L’horloge de votre application d’authentification a été recalée
letter-app-clock-line = Deux codes de suite ont été saisis pour une application dont l’horloge n’était pas à l’heure : { $what }. Nous en tenons compte désormais.
letter-api-key-made-subject = Une clé d’API a été créée
letter-api-key-made-line = Une clé a été créée, avec laquelle un programme peut agir en votre nom : { $what }.
letter-codes-made-subject = De nouveaux codes de secours ont été créés
letter-codes-made-line = De nouveaux codes de secours ont été créés pour votre compte. Ceux que vous aviez auparavant ne fonctionnent plus.
letter-code-used-subject = Un code de secours a été utilisé
letter-code-used-line = Un code de secours de votre compte a été utilisé et ne fonctionne plus.
letter-code-used-last = C’était le dernier : créez-en de nouveaux sous « My security ».
letter-code-used-few = Il n’en reste que { $left } : créez-en de nouveaux sous « My security ».
letter-code-used-left = Il en reste { $left }.
letter-codes-refused-subject = De nombreux codes erronés pour votre compte
letter-codes-refused-line = Quelqu’un a passé l’étape de votre mot de passe, puis a saisi de nombreux codes erronés. Ceci est suspendu pour un moment : { $what }. Vos autres façons de vous connecter fonctionnent.

## Appareils

letter-device-key-subject = L’un de vos appareils a peut-être été copié
letter-device-key-line = Quelqu’un s’est connecté avec le signe auquel nous reconnaissons l’un de vos appareils, mais sans la clé de celui-ci. Nous avons demandé d’autres preuves.
letter-device-key-advice = Si vous ne venez pas de transférer ou de restaurer un navigateur, mettez fin à toutes les sessions et choisissez un nouveau mot de passe.
letter-device-approved-subject = Un nouvel appareil a été approuvé
letter-device-approved-line = Un nouvel appareil a été approuvé sur l’un de vos appareils de confiance.
letter-device-denied-subject = Un nouvel appareil a été refusé
letter-device-denied-line = Sur l’un de vos appareils de confiance, il a été indiqué qu’une connexion n’était pas la vôtre, ou des chiffres erronés ont été saisis. Personne n’est entré.
letter-device-codes-refused-subject = De nombreux codes erronés pour un nouvel appareil
letter-device-codes-refused-line = Quelqu’un a passé l’étape de votre mot de passe, puis a saisi de nombreux codes erronés pour vérifier un nouvel appareil. Il faut maintenant attendre avant d’autres essais.
letter-device-trust-gone-subject = Un appareil n’est plus de confiance
letter-device-trust-gone-line = Cet appareil n’est plus un appareil de confiance, et il a été déconnecté : { $what }.
letter-device-forgotten-subject = Un appareil a été oublié
letter-device-forgotten-line = Cet appareil a été retiré de votre compte et déconnecté : { $what }.
letter-device-admitted-subject = Un administrateur a admis votre appareil
letter-device-admitted-line = Vous pouvez maintenant vous y connecter : { $what }.
letter-device-admitted-advice = Si ce n’est pas le vôtre, mettez fin à toutes les sessions dès maintenant et choisissez un nouveau mot de passe.
letter-device-not-admitted-subject = Un administrateur n’a pas admis un appareil
letter-device-not-admitted-line = Quelqu’un s’est connecté à votre compte sur cet appareil, et un administrateur l’a refusé : { $what }.

letter-verify-subject = Confirmez votre nouvel appareil
letter-verify-line = Quelqu’un, vous-même nous l’espérons, se connecte à votre compte sur un appareil que nous ne connaissons pas.
letter-verify-ends =
    { $minutes ->
        [one] Le code fonctionne une seule fois, pendant { $minutes } minute, et seulement dans ce navigateur.
       *[other] Le code fonctionne une seule fois, pendant { $minutes } minutes, et seulement dans ce navigateur.
    }
letter-verify-not-you = Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Ne donnez le code à personne, et choisissez un nouveau mot de passe.

letter-waits-subject = Un appareil attend d’être admis
letter-waits-line = Quelqu’un se connecte au compte de cette personne sur un appareil qu’aucun administrateur n’a encore admis.
letter-waits-person = Personne
letter-waits-button = Voir l’appareil
letter-waits-ask = Ne l’admettez que si vous savez qu’il lui appartient : demandez-lui, mais pas par e-mail. Sinon, refusez-le et faites-lui choisir un nouveau mot de passe.
letter-waits-why = Vous recevez ce message parce que vous pouvez admettre des appareils. Tant que cet appareil attend, vous le recevez au plus une fois par heure.

## Un premier second facteur

letter-first-subject = Votre code pour ajouter un second facteur
letter-first-line = Quelqu’un s’est connecté à votre compte avec son mot de passe et s’apprête à ajouter un second facteur. Si c’est vous, saisissez le code ci-dessous dans la page qui le demande.
letter-first-ends =
    { $minutes ->
        [one] Il fonctionne pendant { $minutes } minute, et seulement dans le navigateur qui l’a demandé. Ne le donnez à personne.
       *[other] Il fonctionne pendant { $minutes } minutes, et seulement dans le navigateur qui l’a demandé. Ne le donnez à personne.
    }
letter-first-not-you = Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Choisissez-en un nouveau avec « Forgot password? ».

letter-away-subject = Confirmez que c’est bien vous
letter-away-line = Vous voulez ajouter un second facteur à votre compte, que vous n’aviez pas utilisé depuis longtemps. Ouvrez ce lien dans le navigateur où vous êtes connecté(e).
letter-away-button = Confirmer
letter-away-ends =
    { $minutes ->
        [one] Le lien fonctionne pendant { $minutes } minute, et seulement dans ce navigateur. Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Choisissez-en un nouveau.
       *[other] Le lien fonctionne pendant { $minutes } minutes, et seulement dans ce navigateur. Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Choisissez-en un nouveau.
    }

## Seconds facteurs perdus

letter-lost-subject = Retirez vos seconds facteurs perdus
letter-lost-line = { $name }, de { $organisation }, a lancé cette démarche pour vous, parce que vous avez perdu un second facteur. Rien n’a encore été retiré : c’est le bouton qui le fait.
letter-lost-button = Retirer mes seconds facteurs
letter-lost-ends =
    { $hours ->
        [one] Le lien fonctionne une seule fois, pendant { $hours } heure. Ensuite, vous vous connectez avec votre mot de passe et ajoutez un nouveau facteur.
       *[other] Le lien fonctionne une seule fois, pendant { $hours } heures. Ensuite, vous vous connectez avec votre mot de passe et ajoutez un nouveau facteur.
    }
letter-lost-nothing = Si vous n’avez rien perdu, ne faites rien, et prévenez votre administrateur.

## Règles

letter-policy-subject = Une règle de { $organisation } a été modifiée
letter-policy-line = Ceci vaut dès maintenant, y compris pour toutes les personnes déjà connectées.
letter-policy-by = Par
letter-policy-button = Voir les règles
letter-policy-why = Vous recevez ce message parce que vous pouvez, vous aussi, modifier les règles.
letter-policy-require = Second facteur
letter-policy-grace = Heures de délai
letter-policy-kinds = Facteurs admis
letter-policy-models = Modèles de clés d’accès
letter-policy-devices = Nouveaux appareils
letter-policy-trust = Jours de confiance
letter-policy-limit = Appareils à la fois
letter-policy-lock = Minutes avant le verrouillage d’une session
letter-policy-end = Minutes avant la fin d’une session
letter-policy-people = Réseaux des personnes
letter-policy-agents = Réseaux des agents
letter-policy-length = Caractères d’un mot de passe
letter-policy-texts = SMS
letter-policy-countries = Pays des SMS
letter-policy-default = par défaut
letter-policy-any = tous
letter-policy-yes = oui
letter-policy-no = non
letter-policy-resistant = résistant à l’hameçonnage
letter-policy-off = rien
letter-policy-notify = prévenir la personne
letter-policy-verify = vérifier
letter-policy-approved = seulement ceux qu’un administrateur admet

## Un SMS
# Seulement avec l’alphabet GSM (3GPP TS 23.038) : une seule autre lettre rend un message deux fois plus long.

letter-text-code =
    { $minutes ->
        [one] { $code } est votre code pour { $organisation }, valable { $minutes } minute. Personne de { $organisation } ne vous le demandera jamais.
       *[other] { $code } est votre code pour { $organisation }, valable { $minutes } minutes. Personne de { $organisation } ne vous le demandera jamais.
    }

## Un essai

letter-test-subject = Message de test de Doorward
letter-test-heading = Bien arrivé
letter-test-line = Ceci est un message de test de Doorward, à l’adresse { $address }.
letter-test-asked = { $name } l’a demandé le { $moment }. Si vous le lisez, c’est que les e-mails partent et arrivent.
letter-test-nothing = Vous n’avez rien à faire.

## Une invitation

letter-invitation-subject = Invitation à rejoindre { $organisation }
letter-invitation-line = { $name } vous invite à rejoindre { $organisation }.
letter-invitation-button = Rejoindre
letter-invitation-code = Si vous ne pouvez pas ouvrir le lien, allez à { $page } et saisissez votre adresse e-mail et ce code : { $code }
letter-invitation-ends =
    { $hours ->
        [one] Le lien et le code fonctionnent une seule fois, pendant { $hours } heure.
       *[other] Le lien et le code fonctionnent une seule fois, pendant { $hours } heures.
    }
letter-invitation-not-you = Si vous ne savez pas de quoi il s’agit, ne faites rien : sans cet e-mail, personne ne peut rejoindre à votre place.
