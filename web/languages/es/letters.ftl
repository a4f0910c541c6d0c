### Cada correo que Doorward envía, en español. Tratamiento: usted.
### Breve, amable, exacto.

## En cada carta

letter-hello = Hola, { $name }:
letter-colon = :
letter-code = O escriba este código en el navegador con el que lo pidió
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
letter-passkey-copied-subject = Es posible que se haya copiado una de sus claves de acceso
letter-passkey-copied-line = La clave de acceso «{ $what }» se ha usado con un contador antiguo, como lo haría una copia. Se ha rechazado; nadie ha entrado con ella.
letter-way-added-subject = Se ha añadido una forma de iniciar sesión
letter-way-added-line = Esto se ha añadido a su cuenta: { $what }.
letter-way-removed-subject = Se ha eliminado una forma de iniciar sesión
letter-way-removed-line = Esto se ha eliminado de su cuenta: { $what }.
letter-app-clock-subject = Se ha ajustado el reloj de su aplicación de autenticación
letter-app-clock-line = Se han introducido dos códigos seguidos de { $what } y su reloj iba desfasado; a partir de ahora lo tenemos en cuenta.
letter-codes-made-subject = Se han creado nuevos códigos de recuperación
letter-codes-made-line = Se han creado nuevos códigos de recuperación para su cuenta. Los anteriores ya no sirven.
letter-codes-refused-subject = Muchos códigos incorrectos para su cuenta
letter-codes-refused-line = Alguien que ha superado su contraseña ha introducido muchos códigos incorrectos. { $what } queda en pausa un rato; sus otras formas de iniciar sesión funcionan.
letter-device-key-subject = Es posible que se haya copiado uno de sus dispositivos
letter-device-key-line = Alguien ha iniciado sesión con la señal por la que reconocemos uno de sus dispositivos, pero sin su clave. Le hemos pedido otra prueba.
letter-device-approved-subject = Se ha aprobado un dispositivo nuevo
letter-device-approved-line = Se ha aprobado un dispositivo nuevo desde uno de su confianza.
letter-device-denied-subject = Se ha rechazado un dispositivo nuevo
letter-device-denied-line = En uno de sus dispositivos de confianza se ha indicado que un inicio de sesión no era suyo, o se han escrito cifras incorrectas. No ha entrado nadie.
letter-device-codes-refused-subject = Muchos códigos incorrectos para un dispositivo nuevo
letter-device-codes-refused-line = Alguien que ha superado su contraseña ha introducido muchos códigos incorrectos para verificar un dispositivo nuevo. Ahora tiene que esperar.
letter-device-trust-gone-subject = Un dispositivo ya no es de confianza
letter-device-trust-gone-line = Se ha retirado la confianza a este dispositivo y se ha cerrado su sesión: { $what }.
letter-device-forgotten-subject = Se ha olvidado un dispositivo
letter-device-forgotten-line = Este dispositivo se ha quitado de su cuenta y se ha cerrado su sesión: { $what }.
letter-device-admitted-subject = Un administrador ha admitido su dispositivo
letter-device-admitted-line = Ya puede iniciar sesión en él: { $what }.
letter-device-not-admitted-subject = Un administrador no ha admitido un dispositivo
letter-device-not-admitted-line = Alguien ha iniciado sesión en su nombre en este dispositivo y un administrador lo ha rechazado: { $what }.
letter-passkey-copied-advice = Elimine esta clave de acceso y añada una nueva. Si no acaba de usarla, cierre todas las sesiones y elija una contraseña nueva.
letter-advice-known = Si no ha sido usted, alguien conoce su contraseña: cierre ahora todas las sesiones y elija una nueva.
letter-device-key-advice = Si no acaba de trasladar o restaurar un navegador, cierre todas las sesiones y elija una contraseña nueva.
letter-code-used-subject = Se ha usado un código de recuperación
letter-code-used-line = Se ha usado un código de recuperación de su cuenta; ya no sirve.
letter-code-used-last = Era el último: cree nuevos en «My security».
letter-code-used-few = Solo quedan { $left }: cree nuevos en «My security».
letter-code-used-left = Quedan { $left }.

## Una prueba

letter-test-subject = Mensaje de prueba de Doorward
letter-test-heading = Ha llegado
letter-test-line = Este es un mensaje de prueba de Doorward, en { $address }.
letter-test-asked = { $name } lo pidió el { $moment }. Si usted lo lee, los correos salen y llegan.
letter-test-nothing = No tiene que hacer nada.
