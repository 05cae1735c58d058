# Réglages : la personne et cet appareil.
settings-title = Réglages
settings-health = État des envois
settings-health-note = Ce qui attend, ce qui est parti
settings-looks = Sur cet appareil
settings-looks-note = Ces choix restent sur cet appareil.
settings-language = Langue
settings-theme = Thème
settings-theme-system = Appareil
settings-theme-light = Clair
settings-theme-dark = Sombre
settings-text = Taille du texte
settings-text-normal = Normale
settings-text-large = Grande
settings-text-larger = Très grande
settings-devices = Tes appareils
settings-password = Mot de passe
settings-password-note = Pour entrer depuis n’importe quel navigateur, sans code.
settings-password-change = Choisir un mot de passe
settings-password-current = Mot de passe actuel
settings-password-current-hint = Laisse vide si tu n’en as pas encore
settings-password-wrong = Ce n’est pas ton mot de passe actuel.
settings-password-new = Nouveau mot de passe
settings-password-new-hint = Au moins 12 signes : une petite phrase se retient mieux
settings-password-save = Enregistrer le mot de passe
settings-password-done = Mot de passe enregistré
settings-sign-out = Me déconnecter
settings-sign-out-title = Te déconnecter ?
settings-sign-out-text = Tout est envoyé. Il te faudra un code ou ton mot de passe pour revenir.
settings-sign-out-unsent = { $count ->
    [one] Un élément n’est pas encore envoyé
   *[other] { $count } éléments ne sont pas encore envoyés
}
settings-sign-out-kept = Ils restent sur cet appareil et partiront quand tu te reconnecteras ici.
settings-sign-out-kept-browser = Ils restent dans ce navigateur et partiront quand tu te reconnecteras ici.
settings-sign-out-send = Envoyer d’abord
settings-sign-out-anyway = Me déconnecter quand même
settings-server = Serveur : { $server }
