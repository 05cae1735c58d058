# Le studio : écrire une capsule, la vérifier, la publier, suivre qui l’a reçue.

studio-title = Atelier des capsules
studio-new = Nouvelle capsule
studio-empty-title = Aucune capsule encore
studio-empty = Commence par un modèle déjà rempli : tu n’auras qu’à remplacer les mots.
studio-untitled = Sans titre
studio-all-sites = Tous les sites
studio-some-sites =
    { $count ->
        [one] { $count } site
       *[other] { $count } sites
    }
studio-chosen-sites = Choisir
studio-edited = Modifiée { $when }
studio-published = Publiée { $when } · { $where }
studio-problems =
    { $count ->
        [one] { $count } problème
       *[other] { $count } problèmes
    }
studio-draft = Brouillon
studio-version = Version { $version }
studio-reach = Diffusion

studio-tabs = Ce que tu regardes
studio-tab-write = Écrire
studio-tab-preview = Aperçu
studio-tab-problems = Problèmes
studio-languages = Langues
studio-copy-structure = Copier la structure en { $language }
studio-read-only = Tu peux lire cette capsule, pas la modifier.
studio-editor = Texte de la capsule
studio-keeping-kept = Enregistré
studio-keeping-writing = Tu écris…
studio-keeping-saving = Enregistrement…
studio-keeping-failed = Pas encore enregistré. Nouvel essai dans un instant, laisse cette page ouverte.

studio-part-header = Fiche
studio-part-untitled = Sans titre
studio-part-up = Monter
studio-part-down = Descendre
studio-add = Ajouter
studio-add-title = Ajouter
studio-kind-none = Question à finir
studio-kind-card = Carte
studio-kind-card-note = Une idée, trente mots
studio-kind-one = Un choix
studio-kind-one-note = Une seule bonne réponse
studio-kind-several = Plusieurs choix
studio-kind-several-note = Cocher tout ce qui est juste
studio-kind-true_false = Vrai ou faux
studio-kind-true_false-note = Une phrase à trancher
studio-kind-order = Ordre
studio-kind-order-note = Des étapes à remettre en ordre
studio-kind-blank = Mot
studio-kind-blank-note = Un mot à écrire
studio-kind-number = Nombre
studio-kind-number-note = Avec sa marge et son unité
studio-kind-match = Paires
studio-kind-match-note = Relier deux à deux

studio-preview-none = Écris une première carte : elle apparaîtra ici.
studio-preview-back = Écran précédent
studio-preview-next = Écran suivant
studio-preview-edit = Écrire cet écran
studio-time = { $time } sur { $limit } au plus

studio-no-problem = Rien à corriger. Tu peux publier.
studio-check-failed = La vérification n’a pas pu se faire. Elle reprendra à ta prochaine frappe.
studio-line = Ligne { $line }
studio-severity-error = À corriger :
studio-severity-warning = À regarder :

studio-history = Versions et historique
studio-releases = Versions
studio-releases-none = Pas encore publiée.
studio-changes = Modifications
studio-changes-none = Aucune modification notée.
studio-change-create = Création
studio-change-edit = Texte modifié
studio-change-publish = Publication
studio-change-withdraw = Retrait
studio-current = En cours
studio-withdrawn = Retirée
studio-due = exigée avant le { $day }
studio-withdraw = Retirer la version en cours
studio-withdraw-title = Retirer cette version ?
studio-withdraw-text = Elle ne sera plus proposée. Qui l’a commencée peut la finir, et les scores restent.
studio-withdrawn-toast = Version retirée
studio-cancel = Garder

studio-publish = Publier
studio-publish-version = Publier la version { $version }
studio-publish-correction = Qui a commencé la version d’avant la finit telle quelle. Les autres reçoivent celle-ci.
studio-to-whom = Pour qui ?
studio-site-people =
    { $count ->
        [one] { $count } personne
       *[other] { $count } personnes
    }
studio-required = Exigée
studio-required-hint = Elle passe en tête, avec sa date.
studio-due-on = Avant le
studio-due-hint = Laisse vide s’il n’y a pas de date.
studio-note-first = Un mot pour l’historique
studio-note-first-hint = Pourquoi cette capsule, pour qui la relira.
studio-note = Ce qui change
studio-note-hint = Une phrase, gardée avec la version.
studio-count-people =
    { $count ->
        [one] personne
       *[other] personnes
    }
studio-count-sites =
    { $count ->
        [one] site
       *[other] sites
    }
studio-count-each = chacun, environ { $time } en tout
studio-publish-failed = La publication n’est pas partie
studio-published-toast =
    Version { $version } publiée : { $people ->
        [one] { $people } personne
       *[other] { $people } personnes
    }, { $sites ->
        [one] { $sites } site
       *[other] { $sites } sites
    }
studio-refused-errors =
    { $count ->
        [one] Corrige d’abord le problème signalé.
       *[other] Corrige d’abord les { $count } problèmes signalés.
    }
studio-refused-unchecked = La vérification n’est pas finie. Un instant.
studio-refused-no-site = Choisis au moins un site.
studio-refused-no-note = Écris en une phrase ce qui change.
studio-refused-past-day = Cette date est passée. Choisis un jour à venir.

studio-reach-empty-title = Personne encore
studio-reach-empty = Publie la capsule : tu verras ici qui l’a reçue, ouverte et réussie.
studio-reach-no-site = Sans site
studio-reach-done = { $done } sur { $count } l’ont réussie
studio-reach-person = Personne
studio-reach-state = Où elle en est
studio-reach-version = Version
studio-reach-score = Score
studio-reach-when = Quand
studio-reach-percent = { $score } %
studio-state-waiting = Pas encore reçue
studio-state-received = Reçue
studio-state-opened = Ouverte
studio-state-finished = Finie
studio-state-passed = Réussie

# Ce que dit la vérification. Les valeurs du problème sont $a, $b, $c, $d, $e.
studio-problem-unknown = Quelque chose est à revoir ici ({ $code }).
studio-problem-to-translate = À traduire : « { $a } »
studio-problem-alt-missing = Dis ce que montre l’image { $a }, entre les crochets.
studio-problem-apply-label-missing = Écris les mots du lien vers le formulaire dans apply_label.
studio-problem-apply-missing = Il y a des mots de lien, mais pas de formulaire : remplis apply.
studio-problem-apply-unknown = Aucun formulaire ne s’appelle « { $a } ».
studio-problem-blank-empty = Écris au moins un mot accepté entre les crochets.
studio-problem-card-after-quiz = La carte « { $a } » vient après une question. Les cartes d’abord, les questions ensuite.
studio-problem-card-empty = La carte « { $a } » n’a pas de texte.
studio-problem-card-title-missing = Donne un titre à cette carte.
studio-problem-cards-few = Il y a { $a } carte(s). Il en faut au moins 4.
studio-problem-cards-many = Il y a { $a } cartes. Garde‑en 8 au plus.
studio-problem-date-invalid = La date { $a } s’écrit AAAA-MM-JJ ; « { $b } » n’en est pas une.
studio-problem-dates-order = La capsule expire ({ $b }) avant d’avoir été relue ({ $a }).
studio-problem-expired = Cette capsule a expiré le { $a }. Relis‑la, puis change la date.
studio-problem-expires-soon = Elle expire le { $a }, dans { $b } jours. Pense à la relire.
studio-problem-explanation-many = Une question n’a qu’une explication.
studio-problem-explanation-missing = Explique la réponse entre deux lignes *** : ici, c’est indispensable.
studio-problem-explanation-unclosed = Ferme l’explication par une ligne ***.
studio-problem-feedback-missing = Dis pourquoi « { $b } » n’est pas la bonne réponse, sur une ligne qui commence par >.
studio-problem-feedback-stray = Ce retour ne suit aucun choix : « { $a } »
studio-problem-header-broken = La fiche en tête ne se lit pas : { $a }
studio-problem-header-missing = Il manque la fiche en tête, entre deux lignes +++.
studio-problem-header-missing-field = Il manque { $a } dans la fiche.
studio-problem-header-unclosed = Ferme la fiche par une ligne +++.
studio-problem-header-unknown = La fiche ne connaît pas { $a }.
studio-problem-header-wrong-type = { $a } n’est pas du bon type ({ $b }). Écris un texte entre guillemets droits.
studio-problem-heading-level = Un titre de niveau { $a } n’a pas sa place ici. Utilise ## pour une carte.
studio-problem-heading-space = Laisse une espace après ## : « { $a } »
studio-problem-html-raw = Pas de balises HTML dans le texte : { $a }
studio-problem-icon-invalid = « { $a } » n’est pas un nom d’icône.
studio-problem-image-misplaced = L’image { $a } n’a pas sa place ici. Mets‑la dans le texte d’une carte.
studio-problem-image-remote = L’image { $a } est sur Internet. Ajoute‑la à la capsule : elle doit marcher sans réseau.
studio-problem-link-in-text = Pas de lien dans le texte : { $a }. Mets‑le dans les sources.
studio-problem-markup-unsupported = Ce genre de mise en forme ne s’affiche pas ici ({ $a }).
studio-problem-match-left-twice = « { $b } » est deux fois à gauche.
studio-problem-match-right-twice = « { $b } » est deux fois à droite : on ne saurait pas lequel relier.
studio-problem-media-missing = L’image { $a } n’est pas dans la capsule.
studio-problem-media-name = « { $a } » n’est pas un nom d’image : lettres minuscules, chiffres, tirets, puis .svg.
studio-problem-media-unused = L’image { $a } ne sert nulle part.
studio-problem-number-invalid = « { $a } » ne se lit pas. Écris par exemple [[= 1,5 ± 0,5 m]].
studio-problem-objective-many = Un seul objectif, en une phrase. Ici, il y en a { $a }.
studio-problem-order-number = Cette étape porte le numéro { $a }, on attendait { $b }.
studio-problem-pair-apply = Les langues { $a } et { $b } ne mènent pas au même formulaire ({ $c }, { $d }).
studio-problem-pair-cards = { $c } cartes en { $a }, { $d } en { $b }. Il en faut autant.
studio-problem-pair-choices = La question « { $c } » n’a pas les mêmes choix en { $a } et en { $b }.
studio-problem-pair-header = { $c } n’est pas le même en { $a } ({ $d }) et en { $b } ({ $e }).
studio-problem-pair-items = Les questions ne sont pas les mêmes en { $a } ({ $c }) et en { $b } ({ $d }).
studio-problem-pair-kind = La question « { $c } » n’est pas du même genre en { $a } ({ $d }) et en { $b } ({ $e }).
studio-problem-pair-number = La question « { $c } » n’attend pas le même nombre en { $a } et en { $b }.
studio-problem-quiz-all-right = Toutes les réponses sont justes : ajoutes‑en une fausse, mais crédible.
studio-problem-quiz-choice-empty = Ce choix n’a pas de mots.
studio-problem-quiz-choice-twice = Le choix « { $b } » est là deux fois.
studio-problem-quiz-few = Il y a { $a } question(s). Il en faut au moins 3.
studio-problem-quiz-few-choices = Il faut au moins deux choix.
studio-problem-quiz-fields-many = Une question n’a qu’un champ à remplir.
studio-problem-quiz-id-invalid = « { $a } » : un nom de question s’écrit en minuscules, chiffres et tirets.
studio-problem-quiz-id-missing = Donne un nom à cette question : ## ? {"{"}#son-nom{"}"} Ta question
studio-problem-quiz-id-twice = Deux questions s’appellent « { $a } ».
studio-problem-quiz-kinds-few = Toutes les questions sont du même genre. Varie : il en faut deux au moins.
studio-problem-quiz-kinds-mixed = Cette question mélange plusieurs genres de réponses.
studio-problem-quiz-line-unknown = Cette ligne ne se comprend pas ici : « { $a } »
studio-problem-quiz-many = Il y a { $a } questions. Garde‑en 6 au plus.
studio-problem-quiz-many-right = { $b } bonnes réponses, alors qu’une seule est possible. Utilise des crochets doubles pour plusieurs.
studio-problem-quiz-no-answer = Cette question n’a pas de réponse possible.
studio-problem-quiz-no-right = Marque la bonne réponse d’un X.
studio-problem-quiz-prompt-missing = Écris la question après son nom.
studio-problem-reviewed-later = La date de relecture est dans le futur.
studio-problem-source-missing = Nomme au moins une source.
studio-problem-source-not-https = La source « { $a } » demande une adresse en https.
studio-problem-source-title-missing = Donne un titre à cette source ({ $a }).
studio-problem-source-too-long = Ce texte est trop long : { $a } octets sur { $b }.
studio-problem-svg-attribute = L’image { $a } contient un attribut non permis : { $b }
studio-problem-svg-broken = L’image { $a } ne se lit pas : { $b }
studio-problem-svg-current-color = L’image { $a } utilise currentColor ({ $b }) : donne‑lui ses couleurs.
studio-problem-svg-element = L’image { $a } contient un élément non permis : { $b }
studio-problem-svg-markup = L’image { $a } contient { $b }, qui n’est pas permis.
studio-problem-svg-namespace = L’image { $a } mélange des formats ({ $b }).
studio-problem-svg-reference = L’image { $a } fait appel à l’extérieur : { $b }
studio-problem-svg-root = L’image { $a } n’est pas un dessin SVG.
studio-problem-svg-text = L’image { $a } contient des mots (« { $b } ») : ils ne seront pas traduits.
studio-problem-svg-too-long = L’image { $a } pèse { $b } octets ; { $c } au plus.
studio-problem-svg-viewbox = L’image { $a } n’a pas de viewBox.
studio-problem-text-before-cards = Ce texte est avant la première carte : « { $a } »
studio-problem-theme-unknown = Le thème « { $a } » n’existe pas.
studio-problem-too-long = { $c } secondes de trop : la capsule prend { $a } s, pour { $b } au plus. Coupe une carte ou une phrase.
studio-problem-typography-apostrophe = Préfère l’apostrophe courbe ’ à l’apostrophe droite.
studio-problem-typography-quotes = Préfère les guillemets « » aux guillemets droits.
studio-problem-typography-space = Mets une espace insécable près de { $a }.
