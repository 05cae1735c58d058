# Apprendre : la liste, le lecteur de capsules, les rappels.

learn-title = Apprendre
learn-search = Chercher une capsule
learn-clear-search = Effacer la recherche
learn-section-required = Exigées
learn-section-open = En cours
learn-section-fresh = À découvrir
learn-section-done = Terminées
learn-empty-title = Rien à apprendre pour l’instant
learn-empty = Les capsules de ton site arriveront ici. Elles se lisent ensuite sans réseau.
learn-list-failed = La liste n’est pas venue
learn-none-found-title = Aucune capsule ne correspond
learn-none-found = Essaie un mot plus court, ou un autre.
learn-back-to-list = Retour aux capsules

learn-minutes = { $count } min
learn-meta-open = Commencée · { $count } min
learn-meta-done = { $score } % · { $when }
learn-not-ready = Pas encore sur cet appareil. Elle viendra avec le réseau.
learn-required = exigée
learn-required-before = exigée avant le { $day }
learn-required-late = attendue depuis le { $day }
learn-next-new = À faire maintenant · { $count } min
learn-next-open = Reprends où tu en étais · { $count } min
learn-start = Commencer
learn-resume = Reprendre

learn-due =
    { $count ->
        [one] { $count } rappel · { $minutes } min
       *[other] { $count } rappels · { $minutes } min
    }
learn-due-note = Pour ne pas oublier ce que tu as appris
learn-due-here = rappel aujourd’hui

learn-contents =
    { $cards ->
        [one] { $cards } carte
       *[other] { $cards } cartes
    }, { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    }
learn-other-language-title = Pas encore dans ta langue
learn-other-language = Cette capsule s’affiche dans la langue où elle existe.
learn-newer-title = Une version corrigée t’attend
learn-newer = Tu finis celle que tu as commencée. La prochaine fois, ce sera la nouvelle.
learn-away-title = Cette capsule n’est pas encore sur cet appareil
learn-away = Elle viendra toute seule dès que le réseau est là. Tu pourras ensuite la suivre partout.
learn-open-failed = La capsule ne s’ouvre pas

learn-back = Carte précédente
learn-next = Suivant
learn-to-quiz = Passer aux questions
learn-check = Valider
learn-see-score = Voir mon score
learn-done = Terminer
learn-rank = { $rank } sur { $count }

learn-choose-one = Une seule réponse
learn-choose-several = Plusieurs réponses possibles
learn-mark-right = Bonne réponse
learn-mark-wrong = Ta réponse
learn-mark-missed = Il fallait aussi celle-ci
learn-mark-answer = La bonne réponse
learn-order-hint = Touche les étapes dans l’ordre. Les flèches corrigent.
learn-order-yours = Ton ordre
learn-order-up = Monter : { $step }
learn-order-down = Descendre : { $step }
learn-order-remove = { $rank }, { $step }. Toucher pour enlever
learn-order-rank = Sa place : { $rank }
learn-match-hint = Touche à gauche, puis sa paire à droite.
learn-match-with = va avec { $text }
learn-match-given = { $text }
learn-type-word = Écris le mot qui manque
learn-type-number = Écris le nombre
learn-expected = Réponse attendue :
learn-verdict-right = C’est juste
learn-verdict-wrong = Pas tout à fait

learn-score = { $right } bonnes réponses sur { $total }
learn-score-all-title = Sans faute
learn-score-all = Tout est là. On t’en reparlera au bon moment, pour que ça reste.
learn-score-passed-title = C’est acquis
learn-score-passed =
    { $count ->
        [one] Une question à revoir, et c’est parfait.
       *[other] { $count } questions à revoir, et c’est parfait.
    }
learn-score-not-yet-title = Presque
learn-score-not-yet =
    { $count ->
        [one] Une question t’a échappé. Elle reviendra bientôt.
       *[other] { $count } questions t’ont échappé. Elles reviendront bientôt.
    }
learn-next-review = Prochain rappel le { $day }
learn-missed = À revoir
learn-practise =
    { $count ->
        [one] S’entraîner sur cette question
       *[other] S’entraîner sur ces { $count } questions
    }
learn-practice-title = Entraînement
learn-apply = Applique maintenant
learn-apply-note = Exercice : rien n’est envoyé
learn-kept-here = Gardé ici. Ton score partira avec le réseau.
learn-sources = Sources

learn-review-title = Rappels du jour
learn-review-failed = Les rappels ne sont pas venus
learn-review-none-title = Aucun rappel aujourd’hui
learn-review-none = Termine une capsule : ses questions reviendront ici au bon moment.
learn-flash-all-title = Tout est retenu
learn-flash-all = Belle mémoire. À bientôt.
learn-flash-some-title = C’est fait
learn-flash-some = Ce qui a manqué reviendra plus tôt.
learn-why = Pourquoi
learn-score-begin-title = Ça va venir
learn-score-begin = Relis les cartes quand tu veux. Ces questions reviendront bientôt.
learn-theme-reporting = Signaler
learn-theme-first-aid = Secours
learn-theme-chemical = Produits chimiques
learn-theme-energy = Énergies
learn-theme-height = Hauteur
learn-theme-handling = Manutention
learn-theme-fire = Feu
learn-theme-environment = Environnement
learn-theme-audit = Audit
learn-theme-method = Méthode
learn-theme-brief = Causerie
learn-theme-road = Route
learn-theme-machine = Machines
learn-theme-traffic = Circulation
learn-theme-confined = Espaces confinés
learn-theme-contractors = Coactivité
learn-theme-health = Santé
learn-theme-quality = Qualité
learn-theme-relay = Rôle du relais
learn-meta = { $theme } · { $count } min
learn-to-studio = Atelier des capsules
