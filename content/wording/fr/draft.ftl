# Remplir un signalement, une question par écran.
draft-list-title =
    { $count ->
        [one] À finir
       *[other] À finir ({ $count })
    }
draft-practice = Entraînement : rien n’est envoyé
draft-practice-mark = Entraînement
draft-rank = Étape { $rank } sur { $count }
draft-optional = Facultatif
draft-your-answer = Ta réponse
draft-back = Question précédente
draft-next = Continuer
draft-pass = Passer
draft-skip = Plus tard

draft-state-saved = Enregistré sur cet appareil
draft-state-saving = J’enregistre…
draft-state-failed = Pas encore enregistré : je réessaie

draft-severity-low = Une gêne, personne ne se blesse
draft-severity-moderate = Un petit bobo, un peu de casse
draft-severity-serious = Une blessure grave, une pollution
draft-severity-critical = Une vie en jeu

draft-place-last = La dernière fois
draft-place-search = Chercher un lieu
draft-place-other-area = Autres lieux
draft-place-none = Aucun lieu de ce nom. Tu peux l’écrire avec « Ailleurs ».
draft-place-elsewhere = Ailleurs…
draft-place-words = C’est où, en quelques mots ?
draft-place-words-hint = Par exemple : parking visiteurs, près du portail.

draft-person-search = Chercher un nom
draft-person-list = Personnes
draft-person-none = Personne de ce nom ici.

draft-when-now = Maintenant
draft-when-today = Aujourd’hui
draft-when-yesterday = Hier
draft-when-other-day = Un autre jour
draft-when-other-time = Une autre heure

draft-not-integer = Il faut un nombre entier.
draft-not-decimal = Il faut un nombre.

draft-problem-required = Il manque ta réponse.
draft-problem-type = Cette réponse ne va pas ici.
draft-problem-choice = Choisis une des réponses proposées.
draft-problem-too-long = C’est trop long. Raccourcis un peu.
draft-problem-too-many = Il y a trop de photos. Gardes‑en dix au plus.
draft-problem-range = Ce nombre est trop grand.
draft-problem-constraint = Cette réponse n’est pas possible ici.
draft-problem-other = Cette réponse est à revoir.

draft-photo = Photo
draft-photo-library = Mes images
draft-photos = Photos
draft-photo-below = L’appareil photo est en bas de l’écran.
draft-photo-rank = Photo { $rank }
draft-photo-remove = Enlever la photo { $rank }
draft-photo-adding = J’ajoute…
draft-photo-failed = Pas ajoutée. Touche pour réessayer.
draft-photo-away = Pas sur cet appareil
draft-photo-refused = « { $name } » n’a pas été ajouté
draft-photo-not-a-picture = Ce fichier n’est pas une photo.
draft-photo-too-large = Plus de 25 Mo : reprends‑la depuis l’appareil photo d’ici.
draft-photo-unreadable = Cette photo ne se lit pas. Reprends‑la depuis l’appareil photo d’ici.
draft-photo-too-many = Il y en a déjà assez. Enlève une photo pour en mettre une autre.

draft-last-title = Un mot, une photo ?
draft-last-hint = Si tu veux. Sinon, tu peux sceller tout de suite.
draft-last-hint-photos = Ajoute une photo si elle aide. Sinon, tu peux sceller tout de suite.
draft-summary = Ce que tu signales
draft-blank = Pas de réponse
draft-change = Modifier
draft-score = Score : { $score } %
draft-lacking =
    { $count ->
        [one] Encore une réponse à donner avant de sceller.
       *[other] Encore { $count } réponses à donner avant de sceller.
    }
draft-seal = Sceller
draft-seal-practice = Finir l’entraînement
draft-seal-failed = Ce n’est pas encore scellé
draft-seal-photo = Une photo n’est pas encore ajoutée. Réessaie, ou enlève‑la.
draft-sealing = Je scelle…
draft-sealed = Scellé
draft-sealed-practice = Bravo

draft-discard = Jeter le brouillon
draft-discard-title = Jeter ce brouillon ?
draft-discard-text = Il ne sera pas envoyé et quittera ta liste.
draft-discard-keep = Le garder

draft-gone-title = Ce brouillon n’est plus là
draft-gone = Il est déjà scellé, ou il a été jeté. S’il est scellé, il t’attend dans tes signalements.
draft-gone-reports = Voir mes signalements
