# Choisir quoi signaler, et dire les réponses en mots.
form-title = Qu’est-ce que tu veux signaler ?
form-list = Les formulaires
form-capsule = { $time } pour bien faire
form-none-title = Pas encore de formulaire
form-none = Les formulaires de ton site arriveront ici avec le réseau. En attendant, préviens de vive voix.
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
