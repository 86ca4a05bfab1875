import java.io.File;
import java.util.List;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.exception.SyntaxValidationException;
import org.apache.pdfbox.preflight.parser.PreflightParser;

/** Validates files against PDF/A-1b with PDFBox preflight; one line for each, exit code 1 when one is not valid. */
public class Preflight {
    public static void main(String[] files) throws Exception {
        boolean all = true;
        for (String file : files) {
            PreflightParser parser = new PreflightParser(new File(file));
            ValidationResult result;
            try {
                parser.parse();
                try (PreflightDocument document = parser.getPreflightDocument()) {
                    document.validate();
                    result = document.getResult();
                }
            } catch (SyntaxValidationException broken) {
                result = broken.getResult();
            }
            List<ValidationResult.ValidationError> errors = result.getErrorsList();
            System.out.println(file + ": " + (result.isValid() ? "valid" : "not valid"));
            for (ValidationResult.ValidationError error : errors) {
                System.out.println("    " + error.getErrorCode() + " " + error.getDetails());
            }
            all &= result.isValid();
        }
        System.exit(all ? 0 : 1);
    }
}
