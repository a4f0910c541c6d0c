### Cada correo y cada SMS que Doorward envía, en español. Tratamiento: usted.
### Breve, amable, exacto.

## En cada carta

letter-hello = Hola, { $name }:
letter-colon = :
letter-code = O escriba este código en el navegador con el que lo pidió
letter-code-only = Escriba este código en el navegador con el que lo pidió
letter-questions = Consultas
letter-not-me = No he sido yo
letter-advice = Si no ha sido usted, cierre ahora todas las sesiones y elija una contraseña nueva.

letter-time = Fecha y hora
letter-device = Dispositivo
letter-network = Red
letter-moment =
    { $day } de { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    } de { $year }, { $time } h (UTC)
letter-device-on = { $browser } en { $system }
letter-device-some = Un navegador en { $system }
letter-device-unknown = Navegador desconocido

## Una contraseña nueva

letter-reset-subject = Elija una contraseña nueva
letter-reset-line = Alguien, esperamos que usted, ha pedido una contraseña nueva para su cuenta.
letter-reset-button = Elegir una contraseña nueva
letter-reset-ends =
    { $minutes ->
        [one] El enlace y el código sirven una sola vez, durante { $minutes } minuto.
       *[other] El enlace y el código sirven una sola vez, durante { $minutes } minutos.
    }
letter-reset-not-you = Si no ha sido usted, no haga nada: sin este correo nadie puede cambiar su contraseña.

## Otra dirección

letter-confirm-subject = Confirme su nueva dirección de correo
letter-confirm-line = Confirme que { $email } va a ser la dirección de su cuenta.
letter-confirm-button = Confirmar esta dirección
letter-confirm-ends =
    { $hours ->
        [one] El enlace sirve una sola vez, durante { $hours } hora. Si no lo ha pedido usted, no haga nada.
       *[other] El enlace sirve una sola vez, durante { $hours } horas. Si no lo ha pedido usted, no haga nada.
    }
letter-undo-subject = Su dirección de correo ha cambiado
letter-undo-line = La dirección de correo de su cuenta es ahora { $email }. La dirección en la que recibe este mensaje ya no se usa.
letter-undo-button = Deshacer el cambio
letter-undo-ends =
    { $days ->
        [one] Si ha sido usted, no tiene que hacer nada. El botón funciona durante { $days } día y, además, cierra todas las sesiones.
       *[other] Si ha sido usted, no tiene que hacer nada. El botón funciona durante { $days } días y, además, cierra todas las sesiones.
    }

## Avisos

letter-new-device-subject = Nuevo inicio de sesión en su cuenta
letter-new-device-line = Alguien ha iniciado sesión en su cuenta desde un dispositivo que no conocíamos. Si ha sido usted, no tiene que hacer nada.
letter-password-changed-subject = Su contraseña ha cambiado
letter-password-changed-line = La contraseña de su cuenta ha cambiado y se han cerrado todas las demás sesiones.
letter-password-reset-subject = Se ha establecido una contraseña nueva por correo
letter-password-reset-line = Se ha establecido una contraseña nueva para su cuenta con el enlace o el código de un correo.
letter-locked-subject = Muchas contraseñas incorrectas para su cuenta
letter-locked-line = Alguien ha probado muchas contraseñas incorrectas para su cuenta, así que los desconocidos tienen que esperar. Los dispositivos que usted ya ha utilizado no se ven afectados.
letter-locked-advice = No tiene que hacer nada. Si le preocupa, cierre todas las sesiones y elija una contraseña nueva.
letter-email-changed-subject = Su dirección de correo ha cambiado
letter-email-changed-line = La dirección de correo de su cuenta es ahora { $email }.

## Formas de iniciar sesión
# Las páginas están en inglés: lo que se lee en ellas se escribe aquí igual.

letter-way-app = Aplicación de autenticación
letter-way-phone = SMS
letter-way-passkey = Llave de acceso
letter-way-codes = Códigos de recuperación
letter-way-named = { $kind } «{ $name }»

letter-advice-known = Si no ha sido usted, alguien conoce su contraseña: cierre ahora todas las sesiones y elija una nueva.

letter-way-added-subject = Se ha añadido una forma de iniciar sesión
letter-way-added-line = Se ha añadido a su cuenta: { $what }.
letter-way-removed-subject = Se ha quitado una forma de iniciar sesión
letter-way-removed-line = Se ha quitado de su cuenta: { $what }.
letter-passkey-copied-subject = Puede que alguien haya copiado una de sus llaves de acceso
letter-passkey-copied-line = La llave de acceso «{ $what }» se ha usado con un contador antiguo, como lo haría una copia. Se ha rechazado y nadie ha entrado con ella.
letter-passkey-copied-advice = Quite esta llave de acceso y añada una nueva. Si no acaba de usarla usted, cierre todas las sesiones y elija una contraseña nueva.
letter-app-clock-subject = Se ha ajustado el reloj de su aplicación de autenticación
letter-app-clock-line = Se han escrito dos códigos seguidos de una aplicación cuyo reloj no iba en hora: { $what }. Desde ahora lo tenemos en cuenta.
letter-api-key-made-subject = Se ha creado una clave de API
letter-api-key-made-line = Se ha creado una clave con la que un programa puede actuar en su nombre: { $what }.
letter-codes-made-subject = Se han creado nuevos códigos de recuperación
letter-codes-made-line = Se han creado nuevos códigos de recuperación para su cuenta. Los que tenía antes ya no sirven.
letter-code-used-subject = Se ha usado un código de recuperación
letter-code-used-line = Se ha usado un código de recuperación de su cuenta, que ya no sirve.
letter-code-used-last = Era el último: cree otros nuevos en «My security».
letter-code-used-few =
    { $left ->
        [one] Solo queda { $left }: cree otros nuevos en «My security».
       *[other] Solo quedan { $left }: cree otros nuevos en «My security».
    }
letter-code-used-left = Quedan { $left }.
letter-codes-refused-subject = Muchos códigos incorrectos para su cuenta
letter-codes-refused-line = Alguien ha superado el paso de su contraseña y ha escrito muchos códigos incorrectos. Queda en pausa por un tiempo: { $what }. Sus otras formas de iniciar sesión funcionan.

## Dispositivos

letter-device-key-subject = Puede que alguien haya copiado uno de sus dispositivos
letter-device-key-line = Alguien ha iniciado sesión con la señal por la que reconocemos uno de sus dispositivos, pero sin la clave de este. Le hemos pedido más pruebas.
letter-device-key-advice = Si no acaba de trasladar o restaurar un navegador, cierre todas las sesiones y elija una contraseña nueva.
letter-device-approved-subject = Se ha aprobado un dispositivo nuevo
letter-device-approved-line = Se ha aprobado un dispositivo nuevo desde uno de sus dispositivos de confianza.
letter-device-denied-subject = Se ha rechazado un dispositivo nuevo
letter-device-denied-line = En uno de sus dispositivos de confianza se ha indicado que un inicio de sesión no era suyo, o se han escrito cifras incorrectas. Nadie ha entrado.
letter-device-codes-refused-subject = Muchos códigos incorrectos para un dispositivo nuevo
letter-device-codes-refused-line = Alguien ha superado el paso de su contraseña y ha escrito muchos códigos incorrectos para verificar un dispositivo nuevo. Ahora tiene que esperar.
letter-device-trust-gone-subject = Un dispositivo ya no es de confianza
letter-device-trust-gone-line = Este dispositivo ya no es de confianza y se ha cerrado su sesión: { $what }.
letter-device-forgotten-subject = Se ha olvidado un dispositivo
letter-device-forgotten-line = Este dispositivo se ha quitado de su cuenta y se ha cerrado su sesión: { $what }.
letter-device-admitted-subject = Un administrador ha admitido su dispositivo
letter-device-admitted-line = Ya puede iniciar sesión en él: { $what }.
letter-device-admitted-advice = Si no es suyo, cierre ahora todas las sesiones y elija una contraseña nueva.
letter-device-not-admitted-subject = Un administrador no ha admitido un dispositivo
letter-device-not-admitted-line = Alguien ha iniciado sesión en su cuenta con este dispositivo y un administrador lo ha rechazado: { $what }.

letter-verify-subject = Confirme su nuevo dispositivo
letter-verify-line = Alguien, esperamos que usted, está iniciando sesión en su cuenta con un dispositivo que no conocemos.
letter-verify-ends =
    { $minutes ->
        [one] El código sirve una sola vez, durante { $minutes } minuto y solo en ese navegador.
       *[other] El código sirve una sola vez, durante { $minutes } minutos y solo en ese navegador.
    }
letter-verify-not-you = Si no ha sido usted, alguien conoce su contraseña: no dé el código a nadie y elija una contraseña nueva.

letter-waits-subject = Un dispositivo espera a ser admitido
letter-waits-line = Alguien está iniciando sesión como esta persona en un dispositivo que ningún administrador ha admitido todavía.
letter-waits-person = Persona
letter-waits-button = Ver el dispositivo
letter-waits-ask = Admítalo solo si sabe que es suyo: pregúntele, pero no por correo. Si no lo es, rechácelo y pídale que elija una contraseña nueva.
letter-waits-why = Recibe este mensaje porque puede admitir dispositivos. Mientras este dispositivo espere, lo recibirá como mucho una vez por hora.

## Un primer segundo factor

letter-first-subject = Su código para añadir un segundo factor
letter-first-line = Alguien ha iniciado sesión en su cuenta con la contraseña y está a punto de añadir un segundo factor. Si es usted, escriba el código de abajo en la página que lo pide.
letter-first-ends =
    { $minutes ->
        [one] Sirve durante { $minutes } minuto y solo en el navegador que lo pidió. No se lo dé a nadie.
       *[other] Sirve durante { $minutes } minutos y solo en el navegador que lo pidió. No se lo dé a nadie.
    }
letter-first-not-you = Si no ha sido usted, alguien conoce su contraseña: elija una nueva con «Forgot password?».

letter-away-subject = Confirme que es usted
letter-away-line = Quiere añadir un segundo factor a su cuenta, que no había usado desde hace mucho tiempo. Abra este enlace en el navegador en el que ha iniciado sesión.
letter-away-button = Confirmar
letter-away-ends =
    { $minutes ->
        [one] El enlace sirve durante { $minutes } minuto y solo en ese navegador. Si no ha sido usted, alguien conoce su contraseña: elija una nueva.
       *[other] El enlace sirve durante { $minutes } minutos y solo en ese navegador. Si no ha sido usted, alguien conoce su contraseña: elija una nueva.
    }

## Segundos factores perdidos

letter-lost-subject = Quite sus segundos factores perdidos
letter-lost-line = { $name }, de { $organisation }, ha iniciado esto para usted porque ha perdido un segundo factor. Todavía no se ha quitado nada: lo hace el botón.
letter-lost-button = Quitar mis segundos factores
letter-lost-ends =
    { $hours ->
        [one] El enlace sirve una sola vez, durante { $hours } hora. Después, inicie sesión con su contraseña y añada un factor nuevo.
       *[other] El enlace sirve una sola vez, durante { $hours } horas. Después, inicie sesión con su contraseña y añada un factor nuevo.
    }
letter-lost-nothing = Si no ha perdido nada, no haga nada y avise a su administrador.

## Políticas

letter-policy-subject = Ha cambiado una política de { $organisation }
letter-policy-line = Esto vale desde ahora, también para quienes ya han iniciado sesión.
letter-policy-by = Por
letter-policy-button = Ver las políticas
letter-policy-why = Recibe este mensaje porque usted también puede cambiar las políticas.
letter-policy-require = Segundo factor
letter-policy-grace = Horas de plazo
letter-policy-kinds = Factores admitidos
letter-policy-models = Modelos de llaves de acceso
letter-policy-devices = Dispositivos nuevos
letter-policy-trust = Días de confianza
letter-policy-limit = Dispositivos a la vez
letter-policy-lock = Minutos hasta que se bloquea una sesión
letter-policy-end = Minutos hasta que termina una sesión
letter-policy-people = Redes de las personas
letter-policy-agents = Redes de los agentes
letter-policy-length = Caracteres de una contraseña
letter-policy-texts = SMS
letter-policy-countries = Países de los SMS
letter-policy-default = valor predeterminado
letter-policy-any = cualquiera
letter-policy-yes = sí
letter-policy-no = no
letter-policy-resistant = resistente a la suplantación
letter-policy-off = nada
letter-policy-notify = avisar a la persona
letter-policy-verify = verificar
letter-policy-approved = solo los que admite un administrador

## Un SMS
# Solo con el alfabeto GSM (3GPP TS 23.038), que no tiene «á», «í», «ó» ni «ú»: una sola letra más dobla la longitud del mensaje. Por eso «clave».

letter-text-code =
    { $minutes ->
        [one] { $code } es su clave para { $organisation }. Sirve durante { $minutes } minuto. Nadie de { $organisation } se la va a pedir nunca.
       *[other] { $code } es su clave para { $organisation }. Sirve durante { $minutes } minutos. Nadie de { $organisation } se la va a pedir nunca.
    }

## Una prueba

letter-test-subject = Mensaje de prueba de Doorward
letter-test-heading = Ha llegado
letter-test-line = Este es un mensaje de prueba de Doorward, en { $address }.
letter-test-asked = { $name } lo pidió el { $moment }. Si usted lo lee, los correos salen y llegan.
letter-test-nothing = No tiene que hacer nada.

## Una invitación

letter-invitation-subject = Invitación a { $organisation }
letter-invitation-line = { $name } le invita a { $organisation }.
letter-invitation-button = Unirse
letter-invitation-code = Si no puede abrir el enlace, vaya a { $page } y escriba su dirección de correo y esta clave: { $code }
letter-invitation-ends =
    { $hours ->
        [one] El enlace y la clave sirven una sola vez, durante { $hours } hora.
       *[other] El enlace y la clave sirven una sola vez, durante { $hours } horas.
    }
letter-invitation-not-you = Si no sabe de qué se trata, no haga nada: sin este correo nadie puede unirse en su lugar.
