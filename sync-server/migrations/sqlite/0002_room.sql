-- How much room the organisation takes, kept by the tables themselves: quotas are looked at with every
-- document and upload.
ALTER TABLE org ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE org ADD COLUMN blob_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE org SET
    documents = (SELECT count(*) FROM document WHERE document.org = org.id),
    blob_bytes = (SELECT coalesce(sum(size), 0) FROM blob WHERE blob.org = org.id);
CREATE TRIGGER document_comes AFTER INSERT ON document
BEGIN UPDATE org SET documents = documents + 1 WHERE id = NEW.org; END;
CREATE TRIGGER document_goes AFTER DELETE ON document
BEGIN UPDATE org SET documents = documents - 1 WHERE id = OLD.org; END;
CREATE TRIGGER blob_comes AFTER INSERT ON blob
BEGIN UPDATE org SET blob_bytes = blob_bytes + NEW.size WHERE id = NEW.org; END;
CREATE TRIGGER blob_goes AFTER DELETE ON blob
BEGIN UPDATE org SET blob_bytes = blob_bytes - OLD.size WHERE id = OLD.org; END;
