# Choisir quoi signaler, et dire les réponses en mots.
form-title = Tu veux signaler quoi ?
form-list = Les formulaires
form-capsule = { $time } pour bien faire
form-none-title = Pas encore de formulaire
form-none = Les formulaires de ton site arriveront ici avec le réseau. En attendant, préviens de vive voix.
form-offline-title = Il manque encore le réseau
form-offline = Les formulaires ne sont pas encore ici : il leur faut le réseau une première fois, ensuite ils restent. S’il y a danger, préviens de vive voix sans attendre.
form-practice = M’entraîner
form-practice-hint = Les mêmes écrans, pour essayer. Rien n’est envoyé.
form-yes = Oui
form-no = Non
form-moment = { $day } à { $time }
form-photos =
    { $count ->
        [one] { $count } photo
       *[other] { $count } photos
    }
